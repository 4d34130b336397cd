import { performance } from "node:perf_hooks";

import type { ReceivedReply } from "../transport/received-reply.js";
import { EmulatorError } from "../errors.js";
import type { Obstacle } from "../endpoints/obstacle.js";
import { describeError } from "../transport/describe-error.js";
import type { Redirect } from "../transport/redirect.js";
import type { OutgoingRequest } from "../transport/outgoing-request.js";
import { type RequestParts, signRequest } from "./sign-request.js";
import { sendPast } from "./send-past.js";
import type { Transport } from "../transport/transport.js";

/** One request of a delivery, and what came of it. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly startedAt: Date;
  readonly latencyMs: number;
  /** What was in the way of it: `slow`, or `fail`, with which the response is the emulator's own. */
  readonly obstacle?: Obstacle;
  readonly request: Readonly<Pick<OutgoingRequest, "method" | "url" | "headers" | "body">>;
  /** The redirects that were followed. */
  readonly redirects: readonly Redirect[];
  /** What the receiver answered, if it did. */
  readonly response?: Readonly<ReceivedReply>;
  /** Why there was no answer: `timeout`, `ECONNREFUSED`, `remote_address`, … */
  readonly error?: { readonly code: string; readonly message: string };
  /** When the next attempt is due, if there will be one. */
  readonly nextAttemptAt?: Date;
}

/** An attempt, before it is known whether there will be another. */
export type MadeAttempt = Omit<Attempt, "nextAttemptAt">;

/** What an attempt is made with. */
export interface AttemptTools {
  transport: Transport;
  obstacle: Obstacle | null;
  /** In real time, whatever the clock says: that is where the receiver lives. */
  timeoutMs: number;
  /** Ends the attempt early. */
  controller: AbortController;
}

/** Makes one attempt. Never rejects: what goes wrong is in the result. */
export async function makeAttempt(
  parts: RequestParts,
  { timeoutMs, controller, ...way }: AttemptTools,
): Promise<MadeAttempt> {
  const { uploadSeconds, ...request } = signRequest(parts);
  const timer = setTimeout(() => controller.abort(timeout(timeoutMs)), timeoutMs);
  const redirects: Redirect[] = [];
  const begun = performance.now();
  const outgoing = { ...request, uploadSeconds };
  const outcome = await sendPast(way, outgoing, redirects, controller.signal).then(
    (response) => ({ response }),
    (error: unknown) => ({ error: describeError(error) }),
  );
  clearTimeout(timer);
  const latencyMs = performance.now() - begun;
  const made = {
    number: parts.number,
    startedAt: new Date(parts.at),
    latencyMs,
    request,
    redirects,
    ...outcome,
  };
  return way.obstacle === null ? made : { ...made, obstacle: way.obstacle };
}

function timeout(ms: number): EmulatorError {
  return new EmulatorError(
    "timeout",
    `There was no answer within ${ms / 1000} s: answer in time, and hand long work to a queue.`,
  );
}

/** Whether an attempt delivered the event: any 2xx does. */
export function isDelivered({ response }: MadeAttempt): boolean {
  return response !== undefined && response.status >= 200 && response.status < 300;
}

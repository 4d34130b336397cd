import { performance } from "node:perf_hooks";

import type { Answer } from "./answer.js";
import { EmulatorError } from "./errors.js";
import type { Redirect } from "./redirect.js";
import { type OutgoingRequest, type RequestParts, requestFor } from "./request.js";
import type { Transport } from "./transport.js";

/** One request of a delivery, and what came of it. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly startedAt: Date;
  readonly latencyMs: number;
  readonly request: Readonly<Pick<OutgoingRequest, "method" | "url" | "headers" | "body">>;
  /** The redirects that were followed. */
  readonly redirects: readonly Redirect[];
  /** What the receiver answered, if it did. */
  readonly response?: Readonly<Answer>;
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
  /** In real time, whatever the clock says: that is where the receiver lives. */
  timeoutMs: number;
  /** Ends the attempt early. */
  controller: AbortController;
}

/** Makes one attempt. Never rejects: what goes wrong is in the result. */
export async function makeAttempt(
  parts: RequestParts,
  { transport, timeoutMs, controller }: AttemptTools,
): Promise<MadeAttempt> {
  const { uploadSeconds, ...request } = requestFor(parts);
  const timer = setTimeout(() => controller.abort(timeout(timeoutMs)), timeoutMs);
  const redirects: Redirect[] = [];
  const begun = performance.now();
  const outcome = await transport.send({ ...request, uploadSeconds }, redirects, controller.signal).then(
    (response) => ({ response }),
    (error: unknown) => ({ error: described(error) }),
  );
  clearTimeout(timer);
  const latencyMs = performance.now() - begun;
  return { number: parts.number, startedAt: new Date(parts.at), latencyMs, request, redirects, ...outcome };
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

/** An error for those who read or branch on it: a code and a message, whatever was thrown. */
export function described(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const known = typeof code === "string" ? code : "failed";
  // Node gives no message when several addresses of one host were tried.
  return { code: known, message: typeof message === "string" && message !== "" ? message : known };
}

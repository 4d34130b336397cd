import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

import { maxAttempts } from "../contract.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import type { EndpointOverride } from "../endpoints/endpoint-override.js";
import { EmulatorError } from "../errors.js";
import { describeError } from "../transport/describe-error.js";
import type { OutgoingRequest } from "../transport/outgoing-request.js";
import type { ReceivedReply } from "../transport/received-reply.js";
import type { Redirect } from "../transport/redirect.js";
import type { Transport } from "../transport/transport.js";
import { type RequestParts, signRequest } from "./sign-request.js";

/** One request of a delivery, and its result. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly startedAt: Date;
  readonly latencyMs: number;
  /** The override in effect: `slow`, or `fail`, which replaces the receiver's reply. */
  readonly override?: EndpointOverride;
  readonly request: Readonly<Pick<OutgoingRequest, "method" | "url" | "headers" | "body">>;
  /** The redirects that were followed. */
  readonly redirects: readonly Redirect[];
  /** The reply of the receiver, if there was one. */
  readonly response?: Readonly<ReceivedReply>;
  /** The reason if there was no reply: `timeout`, `ECONNREFUSED`, `remote_address`, … */
  readonly error?: { readonly code: string; readonly message: string };
  /** When the next attempt is due, if there is one. */
  readonly nextAttemptAt?: Date;
}

/** An attempt, before the next one is scheduled. */
export type MadeAttempt = Omit<Attempt, "nextAttemptAt">;

/** Options of {@link makeAttempt}. */
export interface AttemptOptions {
  transport: Transport;
  override: EndpointOverride | null;
  /** In real time, regardless of the clock: the receiver lives there. */
  timeoutMs: number;
  /** Aborts the attempt. */
  controller: AbortController;
}

/** Makes one attempt. Never rejects: errors are part of the result. */
export async function makeAttempt(
  parts: RequestParts,
  { transport, override, timeoutMs, controller }: AttemptOptions,
): Promise<MadeAttempt> {
  const { uploadSeconds, ...request } = signRequest(parts);
  const timer = setTimeout(() => controller.abort(createTimeoutError(timeoutMs)), timeoutMs);
  const redirects: Redirect[] = [];
  const sentAt = performance.now();
  const send = () => transport.send({ ...request, uploadSeconds }, redirects, controller.signal);
  const result = await sendWithOverride(override, send, controller.signal).then(
    (response) => ({ response }),
    (error: unknown) => ({ error: describeError(error) }),
  );
  clearTimeout(timer);
  return {
    number: parts.number,
    startedAt: new Date(parts.at),
    latencyMs: performance.now() - sentAt,
    request,
    redirects,
    ...result,
    ...(override !== null && { override }),
  };
}

async function sendWithOverride(
  override: EndpointOverride | null,
  send: () => Promise<ReceivedReply>,
  signal: AbortSignal,
): Promise<ReceivedReply> {
  if (override?.kind === "fail") return { status: override.status, headers: {}, body: "" };
  const reply = await send();
  if (override?.kind === "slow") {
    await pause(override.seconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  return reply;
}

function createTimeoutError(ms: number): EmulatorError {
  return new EmulatorError(
    "timeout",
    `There was no reply within ${ms / 1000} s: reply in time, and hand long work to a queue.`,
  );
}

/** Returns whether anything was sent: the emulator refuses to reach other machines. */
export function isSent({ error, redirects }: Pick<MadeAttempt, "error" | "redirects">): boolean {
  return error?.code !== "remote_address" || redirects.length > 0;
}

/** Returns whether an attempt delivered the event: any 2xx does. */
export function isDelivered({ response }: Pick<MadeAttempt, "response">): boolean {
  return response !== undefined && response.status >= 200 && response.status < 300;
}

/**
 * Returns the final state of a delivery after an attempt; undefined if another attempt follows.
 *
 * @param delivery with its failures, this attempt included
 */
export function resolveFinalState(
  made: MadeAttempt,
  { failures, isCancelling }: { failures: number; isCancelling: boolean },
  { kind, enabled }: Endpoint,
): "delivered" | "failed" | "cancelled" | undefined {
  if (isDelivered(made)) return "delivered";
  // Nothing was sent to another machine, and a retry would not change that.
  if (made.error?.code === "remote_address" || failures >= maxAttempts[kind]) return "failed";
  return enabled && !isCancelling ? undefined : "cancelled";
}

import { callQuietly } from "./call-quietly.js";
import type { WebhookError, WebhookErrorCode } from "./errors.js";
import { isEventType } from "./events/event.js";

/** What is noted about a request on its way, as far as it came. */
export interface Trace {
  /** The header `webhook-id`: 1 to 255 visible ASCII characters. */
  deliveryId?: string;
  /** The event type, cut and made safe for logs. */
  type?: string;
  /** The claim under which it was handled, from 1. */
  attempt?: number;
  bodyBytes?: number;
  /** From `webhook-timestamp` to the arrival, in milliseconds. */
  lagMs?: number;
  /** How long the handler ran, in milliseconds. */
  handlerMs?: number;
  /** Set when the store failed and the delivery was handled all the same: a copy of it may run again. */
  storeError?: WebhookError;
  /** Set when the reply had been sent before: another outcome of the same request, whose handler took too long. */
  late?: true;
}

/** The work is done, was done before, or there was none to do. */
export interface Acknowledged extends Trace {
  kind: "handled" | "duplicate" | "ignored";
  code: "handled" | "duplicate" | "ignored";
  status: 204;
  /** From the arrival to the outcome, in milliseconds. */
  durationMs: number;
}

/** The delivery was refused. */
export interface Refused extends Trace {
  kind: "refused";
  code: WebhookErrorCode;
  status: number;
  /** What went wrong; its message ends with the cure, its cause is what a handler threw. */
  error: WebhookError;
  /** From the arrival to the outcome, in milliseconds. */
  durationMs: number;
}

/** What became of one request. It never holds a secret, a header value other than the id, or a body. */
export type Outcome = Acknowledged | Refused;

/** What a request ends in. */
export type Result = Acknowledged["kind"] | WebhookError;

/** Called with every outcome. It may throw or reject without harm. */
export interface Observer {
  (outcome: Outcome): unknown;
  /** Called when the receiver has closed: writes what has been held back so far. */
  flush?(): unknown;
}

const MAX_TYPE_LENGTH = 64;

export function toOutcome(result: Result, durationMs: number, trace: Trace): Outcome {
  // The trace comes last: adding to a copy of it takes as long as a signature check.
  if (typeof result === "string") return { kind: result, code: result, status: 204, durationMs, ...trace };
  const { code, status } = result;
  return { kind: "refused", code, status, error: result, durationMs, ...trace };
}

/** Calls the observer, whatever it does. */
export function report(observer: Observer, outcome: Outcome): void {
  callQuietly(() => observer(outcome));
}

/** A type as it may stand in a log: a new or hostile one could carry line breaks. */
export function printableType(type: string): string {
  if (isEventType(type)) return type;
  return type.slice(0, MAX_TYPE_LENGTH).replace(/[^\x21-\x7e]/g, "?");
}

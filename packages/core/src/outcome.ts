import { callQuietly } from "./call-quietly.js";
import type { WebhookError, WebhookErrorCode } from "./errors.js";
import { isEventType } from "./events/event.js";

/** Facts about a request, as far as it came. */
export interface OutcomeDetails {
  /** The header `webhook-id`: 1 to 255 visible ASCII characters. */
  deliveryId?: string;
  /** The endpoint that a secret look-up has named, for example a tenant's. */
  endpoint?: string;
  /** The event type, cut and made safe for logs. */
  type?: string;
  /** The claim under which it was handled, from 1. */
  attempt?: number;
  bodyBytes?: number;
  /** From `webhook-timestamp` to the arrival, in milliseconds. */
  lagMs?: number;
  /** Duration of the handler, in milliseconds. */
  handlerMs?: number;
  /** Set when the store failed but the delivery was handled: a copy of it may run again. */
  storeError?: WebhookError;
  /** Set on a further outcome of a request whose reply had been sent before its handler ended, or was found to hang. */
  late?: true;
}

/** The work is done, was done before, or there was none to do. */
export interface AcknowledgedOutcome extends OutcomeDetails {
  kind: "handled" | "duplicate" | "ignored";
  code: "handled" | "duplicate" | "ignored";
  status: 204;
  /** From the arrival to the outcome, in milliseconds. */
  durationMs: number;
}

/** The delivery was refused. */
export interface RefusedOutcome extends OutcomeDetails {
  kind: "refused";
  code: WebhookErrorCode;
  status: number;
  /** The refusal: its message ends with the cure, and its `cause` is the error behind it, such as a handler's. */
  error: WebhookError;
  /** From the arrival to the outcome, in milliseconds. */
  durationMs: number;
}

/** Outcome of one request. It never holds a secret, a header value other than the id, or a body. */
export type Outcome = AcknowledgedOutcome | RefusedOutcome;

/** Result of a request. */
export type Result = AcknowledgedOutcome["kind"] | WebhookError;

/** Called with every outcome. It may throw or reject without harm. */
export interface OutcomeListener {
  (outcome: Outcome): unknown;
  /** Called when the receiver has closed: writes what has been held back so far. */
  flush?(): unknown;
}

const MAX_TYPE_LENGTH = 64;

export function toOutcome(result: Result, durationMs: number, trace: OutcomeDetails): Outcome {
  // The trace comes last: adding to a copy of it takes as long as a signature check.
  if (typeof result === "string") return { kind: result, code: result, status: 204, durationMs, ...trace };
  const { code, status } = result;
  return { kind: "refused", code, status, error: result, durationMs, ...trace };
}

/** Calls the observer, whatever it does. */
export function reportOutcome(observer: OutcomeListener, outcome: Outcome): void {
  callQuietly(() => observer(outcome));
}

/** A type as it may stand in a log: a new or hostile one could carry line breaks. */
export function toPrintableType(type: string): string {
  if (isEventType(type)) return type;
  return type.slice(0, MAX_TYPE_LENGTH).replace(/[^\x21-\x7e]/g, "?");
}

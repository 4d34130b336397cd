import { callQuietly } from "./call-quietly.js";
import type { WebhookError, WebhookErrorCode } from "./errors.js";
import { isEventType } from "./events/event.js";
import type { EventIssue } from "./events/event-issue.js";

/** Facts about a request. Those that were not known when it ended are missing. */
export interface OutcomeDetails {
  /** The header `webhook-id`: 1 to 255 visible ASCII characters. */
  deliveryId?: string;
  /** The endpoint that a secret look-up returned, for example a tenant's. */
  endpoint?: string;
  /** The event type, cut and made safe for logs. */
  type?: string;
  /** The number of the claim under which it was handled, from 1. */
  attempt?: number;
  bodyBytes?: number;
  /** Place of the secret that has signed it in the option `secret`: 0 for the first. Missing for a public key. */
  keyIndex?: number;
  /** From `webhook-timestamp` to the arrival, in milliseconds. */
  lagMs?: number;
  /** Duration of the handler, in milliseconds. */
  handlerMs?: number;
  /** Set when the store failed but the delivery was handled: a copy of it may run again. */
  storeError?: WebhookError;
  /** Reported by the option `validate`: the event differs from what is documented, and was handled all the same. */
  issues?: readonly EventIssue[];
  /** Set on the outcome of a handler that ended, or was given up, after the reply had been sent. */
  late?: true;
}

/** The delivery was handled, was handed over to an inbox (`accepted`), is a duplicate, or has no handler. */
export interface AcknowledgedOutcome extends OutcomeDetails {
  kind: "handled" | "accepted" | "duplicate" | "ignored";
  code: "handled" | "accepted" | "duplicate" | "ignored";
  status: 204;
  /** From the arrival to the outcome, in milliseconds. */
  durationMs: number;
}

/** The delivery was refused. */
export interface RefusedOutcome extends OutcomeDetails {
  kind: "refused";
  code: WebhookErrorCode;
  status: number;
  /** The refusal: its message says what to do, and its `cause` is the error behind it, such as a handler's. */
  error: WebhookError;
  /** From the arrival to the outcome, in milliseconds. */
  durationMs: number;
}

/** An attempt of a worker failed: it will be repeated (`failed`), or the delivery is a dead letter now (`dead`). */
export interface FailedOutcome extends OutcomeDetails {
  kind: "failed" | "dead";
  code: "failed" | "dead";
  /** The status of the reply with which the delivery was accepted. */
  status: 204;
  /** Its message says what to do, and its `cause` is what the handler threw. */
  error: WebhookError;
  /** Duration of the attempt, in milliseconds. */
  durationMs: number;
}

/**
 * Outcome of one request, or of one attempt of a worker. It never holds a secret, a header value other than the id, or a
 * body.
 */
export type Outcome = AcknowledgedOutcome | RefusedOutcome | FailedOutcome;

/** Result of a request. */
export type Result = AcknowledgedOutcome["kind"] | WebhookError;

/** Called with every outcome. It may throw or reject without harm. */
export interface OutcomeListener {
  (outcome: Outcome): unknown;
  /** Called when the receiver has closed: writes the entries held back so far. */
  flush?(): unknown;
}

const MAX_TYPE_LENGTH = 64;

export function toOutcome(result: Result, durationMs: number, trace: OutcomeDetails): Outcome {
  // The trace comes last: adding to a copy of it takes as long as a signature check.
  if (typeof result === "string") return { kind: result, code: result, status: 204, durationMs, ...trace };
  const { code, status } = result;
  return { kind: "refused", code, status, error: result, durationMs, ...trace };
}

/** Creates the outcome of a worker's attempt. */
export function toWorkOutcome(
  kind: "handled" | "failed" | "dead",
  error: WebhookError | undefined,
  durationMs: number,
  details: OutcomeDetails,
): Outcome {
  if (error === undefined || kind === "handled") return toOutcome("handled", durationMs, details);
  return { kind, code: kind, status: 204, error, durationMs, ...details };
}

/** Calls the listener, and ignores its failure. */
export function reportOutcome(listener: OutcomeListener, outcome: Outcome): void {
  callQuietly(() => listener(outcome));
}

/** Returns a type that is safe to log: a new or hostile one could contain line breaks. */
export function toPrintableType(type: string): string {
  if (isEventType(type)) return type;
  return type.slice(0, MAX_TYPE_LENGTH).replace(/[^\x21-\x7e]/g, "?");
}

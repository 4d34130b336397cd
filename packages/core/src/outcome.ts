import type { WebhookError, WebhookErrorCode } from "./errors.js";
import { isEventType } from "./events/event.js";

/** What is noted about a request on its way, as far as it came. */
export interface Trace {
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
  /** How long the handler ran, in milliseconds. */
  handlerMs?: number;
  /** Set when the store failed and the delivery was handled all the same: a copy of it may run again. */
  storeError?: WebhookError;
  /** Set when the sender had been told to come back before the handler was done: a second outcome of one request. */
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

/** Told about every outcome. It may throw or reject without harm. */
export type Observer = (outcome: Outcome) => unknown;

const MAX_TYPE_LENGTH = 64;

/** Tells the observer, whatever it does. */
export function report(observer: Observer, outcome: Outcome): void {
  try {
    const told = observer(outcome);
    if (told !== undefined) Promise.resolve(told).catch(() => undefined);
  } catch {
    // An observer must not change the reply.
  }
}

/** A type as it may stand in a log: a new or hostile one could carry line breaks. */
export function printableType(type: string): string {
  if (isEventType(type)) return type;
  return type.slice(0, MAX_TYPE_LENGTH).replace(/[^\x21-\x7e]/g, "?");
}

/** Where {@link logOutcomes} writes; `console` is one. */
export interface OutcomeLog {
  warn(line: string): void;
  error(line: string, cause: unknown): void;
}

/**
 * Makes an observer that logs each failure of a handler, with its cause, and every other kind of trouble once: a
 * stranger must not be able to fill a log. The default of `onOutcome`, on the console.
 *
 * @example
 * createReceiver({ secret, on, onOutcome: logOutcomes(logger) });
 */
export function logOutcomes(log: OutcomeLog): Observer {
  const seen = new Set<string>();
  return (outcome) => {
    const error = outcome.kind === "refused" ? outcome.error : outcome.storeError;
    if (error === undefined) return;
    const about = [outcome.type, outcome.deliveryId].filter((part) => part !== undefined).join(" ");
    const line = `[ahasend-webhooks] ${outcome.status} ${error.code}${about && ` (${about})`}: ${error.message}`;
    if (error.code === "handler_failed") log.error(line, error.cause);
    else if (!seen.has(error.code)) {
      seen.add(error.code);
      log.warn(line);
    }
  };
}

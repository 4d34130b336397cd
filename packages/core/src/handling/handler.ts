import type { AhaSendEvent, AhaSendEventOf, AhaSendEventType, UnknownEvent } from "../events/event.js";
import type { DeliveryContext } from "../intake/verified-delivery.js";

/** The second argument of a handler. */
export interface WebhookContext extends DeliveryContext {
  /**
   * Counts the claims of this delivery, from 1, as long as the store remembers them: a fencing number for
   * your own writes. Always 1 in a store's transaction, and without a store.
   */
  readonly attempt: number;
  /** Fires when the deadline has passed, or the receiver closes: the sender no longer waits. */
  readonly signal: AbortSignal;
}

/**
 * Handles one event. The delivery is acknowledged when it returns and what it returned has ended: a promise, an
 * Observable, or a list of them. It is retried if any of them fails.
 *
 * @typeParam Extras what the store adds to the context: `{ client }` of a PostgreSQL transaction, for example
 */
export type Handler<Event, Extras = object> = (event: Event, context: WebhookContext & Extras) => unknown;

/** One handler per event type; `"*"` gets all events without a handler of their own, including unknown types. */
export type Handlers<Extras = object> = {
  [Type in AhaSendEventType]?: Handler<AhaSendEventOf<Type>, Extras>;
} & {
  "*"?: Handler<AhaSendEvent | UnknownEvent, Extras>;
};

import type { AhaSendEvent, AhaSendEventOf, AhaSendEventType, UnknownEvent } from "../events/event.js";
import type { DeliveryContext } from "../intake/verified-delivery.js";

/** The second argument of a handler. */
export interface WebhookContext extends DeliveryContext {
  /**
   * Counts the claims of this delivery, from 1, as long as a lease-keeping store remembers them: a fencing number for
   * your own writes. Always 1 in a store's transaction, and without a store.
   */
  readonly attempt: number;
  /** Fires when the deadline has passed, or the receiver is closed: the sender no longer waits. */
  readonly signal: AbortSignal;
}

/**
 * Handles one event. The delivery is acknowledged when it returns and what it returns has ended: a promise, an
 * Observable, or a list of them. It is retried when any of it fails.
 *
 * @typeParam Extras what the store adds to the context: `{ client }` of a PostgreSQL transaction, for example
 */
export type Handler<Event, Extras = object> = (event: Event, context: WebhookContext & Extras) => unknown;

/** One handler per event type; `"*"` gets all that has none of its own, unknown types too. */
export type Handlers<Extras = object> = {
  [Type in AhaSendEventType]?: Handler<AhaSendEventOf<Type>, Extras>;
} & {
  "*"?: Handler<AhaSendEvent | UnknownEvent, Extras>;
};

import type {
  AhaSendEvent,
  AhaSendEventOf,
  AhaSendEventType,
  UnknownEvent,
  WebhookContext,
} from "@ahasend-webhooks/core";

import { assertLegacyDecorator, toSubscription } from "./decorator-arguments.js";
import { addSubscription } from "./subscriptions.js";

/** An event type, or `"*"` for every event that has no handler of its own. */
export type EventKey = AhaSendEventType | "*";

/** The event that a handler for these types is called with. */
export type EventOfKey<Key extends EventKey> = Key extends AhaSendEventType
  ? AhaSendEventOf<Key>
  : AhaSendEvent | UnknownEvent;

/** Options of `@OnAhaSendEvent`. */
export interface OnAhaSendEventOptions {
  /** Handle only events of the endpoint with this name. @default every endpoint */
  name: string;
}

/** The fields that a store may add to the context. A decorator cannot know the store, but the method may declare them. */
interface AnyExtras {
  readonly client: never;
  readonly tx: never;
}

/** A decorator for methods that take the event, and optionally the context. */
type HandlerDecorator<Event> = <
  Method extends (event: Event, context: WebhookContext & AnyExtras) => unknown,
>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * Calls a provider's method for events of these types. A delivery is acknowledged once all its handlers have succeeded;
 * if one throws, all of them run again when AhaSend retries. Subclasses inherit handlers; an override replaces its
 * parent's method.
 *
 * @throws {TypeError} for an unknown type or option, and if the method is static
 *
 * @example
 * @OnAhaSendEvent("message.bounced")
 * async suppress(event: MessageBouncedEvent) { await this.list.add(event.data.recipient); }
 */
export function OnAhaSendEvent<Key extends EventKey>(
  ...types: [Key, ...Key[]] | [Key, ...Key[], OnAhaSendEventOptions]
): HandlerDecorator<EventOfKey<Key>> {
  const { keys, name } = toSubscription(types);
  return (target, key) => {
    assertLegacyDecorator(target, key);
    addSubscription(target, key, { keys, name });
  };
}

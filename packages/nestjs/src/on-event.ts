import type {
  AhaSendEvent,
  AhaSendEventOf,
  AhaSendEventType,
  UnknownEvent,
  WebhookContext,
} from "@ahasend-webhooks/core";

import { addSubscription } from "./subscriptions.js";

/** A type of event, or `"*"`: all that have no handler of their own. */
export type EventKey = AhaSendEventType | "*";

/** The event that a handler of some types gets. */
export type EventOfKey<Key extends EventKey> = Key extends AhaSendEventType
  ? AhaSendEventOf<Key>
  : AhaSendEvent | UnknownEvent;

/** Which endpoint a handler listens to. */
export interface OnAhaSendEventOptions {
  /** The `name` of one endpoint. @default all endpoints */
  name: string;
}

/** What a store may add to the context: a decorator cannot know which one the module was given, the method may name it. */
interface AnyExtras {
  readonly client: never;
}

/** Decorates methods that take the event (and the context), and no others. */
type HandlerDecorator<Event> = <
  Method extends (event: Event, context: WebhookContext & AnyExtras) => unknown,
>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * Calls a method of a provider for events of these types. A delivery is acknowledged when all its handlers have
 * succeeded; if one throws, all of them run again when AhaSend tries again. A subclass inherits its parent's handlers;
 * a method that it overrides is called in place of the parent's.
 *
 * @throws {TypeError} on a static method
 *
 * @example
 * @OnAhaSendEvent("message.bounced")
 * async suppress(event: MessageBouncedEvent) { await this.list.add(event.data.recipient); }
 */
export function OnAhaSendEvent<Key extends EventKey>(
  ...types: [Key, ...Key[]] | [Key, ...Key[], OnAhaSendEventOptions]
): HandlerDecorator<EventOfKey<Key>> {
  const args: readonly (Key | OnAhaSendEventOptions)[] = types;
  const keys = args.filter((arg) => typeof arg === "string");
  const options = args.find((arg) => typeof arg === "object");
  return (target, key) => {
    if (typeof target === "function") {
      throw new TypeError(
        `@OnAhaSendEvent cannot decorate ${String(key)}: it is static. Use an instance method.`,
      );
    }
    addSubscription(target, key, { keys, name: options?.name });
  };
}

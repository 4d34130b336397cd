import type { DomainDnsErrorEvent } from "./domain.js";
import type { Envelope } from "./envelope.js";
import type { AhaSendMessageEvent } from "./message.js";
import type { MessageRoutingEvent } from "./route.js";
import type { SuppressionCreatedEvent } from "./suppression.js";

/** Every event AhaSend documents, discriminated by `type`. */
export type AhaSendEvent =
  | AhaSendMessageEvent
  | SuppressionCreatedEvent
  | DomainDnsErrorEvent
  | MessageRoutingEvent;

/** The documented event types. */
export type AhaSendEventType = AhaSendEvent["type"];

/** The event of a type: `AhaSendEventOf<"message.bounced">`. */
export type AhaSendEventOf<Type extends AhaSendEventType> = Extract<AhaSendEvent, { type: Type }>;

/** An event of a type that this version does not know. AhaSend adds types without notice. */
export type UnknownEvent = Envelope<string, unknown>;

const IS_MESSAGE_TYPE = {
  "message.reception": true,
  "message.delivered": true,
  "message.transient_error": true,
  "message.failed": true,
  "message.bounced": true,
  "message.suppressed": true,
  "message.opened": true,
  "message.clicked": true,
  "suppression.created": false,
  "domain.dns_error": false,
  "message.routing": false,
} as const satisfies { [Type in AhaSendEventType]: Type extends AhaSendMessageEvent["type"] ? true : false };

/**
 * The documented event types, in the order of AhaSend's documentation.
 *
 * @example
 * for (const type of eventTypes) counters.set(type, 0);
 */
export const eventTypes = Object.keys(IS_MESSAGE_TYPE) as readonly AhaSendEventType[];

const KNOWN_TYPES: ReadonlySet<string> = new Set(eventTypes);

/** Returns whether a type is one of the documented ones. */
export function isEventType(type: string): type is AhaSendEventType {
  return KNOWN_TYPES.has(type);
}

/**
 * Returns whether an event is one of the documented ones, so that TypeScript knows its data.
 *
 * @example
 * "*": (event) => { if (isKnownEvent(event)) audit(event.type, event.data); }
 */
export function isKnownEvent(event: AhaSendEvent | UnknownEvent): event is AhaSendEvent {
  return isEventType(event.type);
}

/**
 * Returns whether an event is one of the eight about a single e-mail you sent (`message.routing`, inbound mail, is not).
 *
 * @example
 * "*": (event) => { if (isMessageEvent(event)) timeline(event.data.message_id_header).push(event.type); }
 */
export function isMessageEvent(event: AhaSendEvent | UnknownEvent): event is AhaSendMessageEvent {
  return isEventType(event.type) && IS_MESSAGE_TYPE[event.type];
}

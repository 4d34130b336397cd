import type {
  AhaSendEvent,
  MessageClickedEvent,
  MessageOpenedEvent,
  UnknownEvent,
} from "@ahasend-webhooks/core";

/** Who opened or clicked: `unknown` if AhaSend does not say. */
export type Actor = "human" | "bot" | "unknown";

/**
 * Returns who opened or clicked, from `is_bot`: current events say it, older ones may not. Source: the contract, "`data` of the
 * message events". Throws nothing.
 *
 * @example
 * "message.opened": (event) => opens.increment(readActor(event)),
 */
export function readActor({ data }: MessageOpenedEvent | MessageClickedEvent): Actor {
  const isBot: unknown = data.is_bot;
  if (typeof isBot !== "boolean") return "unknown";
  return isBot ? "bot" : "human";
}

/**
 * Returns whether an event is an open by a person: a mail client's prefetch, a virus scanner or an older event that does not say
 * is not. Source: the contract, "`data` of the message events" (`is_bot`: absent says nothing). Throws nothing.
 *
 * @example
 * "message.opened": (event) => { if (isHumanOpen(event)) markAsRead(event.data.message_id_header); }
 */
export function isHumanOpen(event: AhaSendEvent | UnknownEvent): boolean {
  return event.type === "message.opened" && readActor(event as MessageOpenedEvent) === "human";
}

/**
 * Returns whether an event is a click by a person: link scanners click every link. Source: the contract, "`data` of the message
 * events". Throws nothing.
 *
 * @example
 * "message.clicked": (event) => { if (isHumanClick(event)) count(event.data.url); }
 */
export function isHumanClick(event: AhaSendEvent | UnknownEvent): boolean {
  return event.type === "message.clicked" && readActor(event as MessageClickedEvent) === "human";
}

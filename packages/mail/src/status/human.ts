import type { AhaSendEvent, UnknownEvent } from "@ahasend-webhooks/core";

/** Who opened or clicked: `unknown` if AhaSend does not say. */
export type Actor = "human" | "bot" | "unknown";

/** Reads `is_bot` of an open or click: other events have it as well, without a meaning. */
export function readActor({ data }: AhaSendEvent | UnknownEvent): Actor {
  const isBot = (data as { is_bot?: unknown }).is_bot;
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
  return event.type === "message.opened" && readActor(event) === "human";
}

/**
 * Returns whether an event is a click by a person: link scanners click every link. Source: the contract, "`data` of the message
 * events". Throws nothing.
 *
 * @example
 * "message.clicked": (event) => { if (isHumanClick(event)) count(event.data.url); }
 */
export function isHumanClick(event: AhaSendEvent | UnknownEvent): boolean {
  return event.type === "message.clicked" && readActor(event) === "human";
}

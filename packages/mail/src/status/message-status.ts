import {
  type AhaSendEvent,
  type AhaSendMessageEvent,
  type MessageClickedEvent,
  type MessageOpenedEvent,
  type UnknownEvent,
  isMessageEvent,
} from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";
import { findEarlier } from "./find-earlier.js";
import { type Actor, readActor } from "./human.js";
import { isComplaint } from "./suppression-kind.js";

/** The states of a message, each of which survives all events of the states before it, however late they come. */
export const messageStates = [
  "accepted",
  "deferred",
  "delivered",
  "suppressed",
  "failed",
  "bounced",
  "complained",
] as const;

/** The furthest that a message has come. */
export type MessageState = (typeof messageStates)[number];

/** When each kind of reader was first seen: RFC 3339. Absent if never. */
export type FirstSeen = { readonly [By in Actor]?: string };

/** Status of one message to one recipient. Plain data: keep it as JSON. */
export interface MessageStatus {
  readonly state: MessageState;
  /** Time of the earliest event that led to the state: RFC 3339, as it was sent. */
  readonly since: string;
  /** First open by a person, by a machine, and by a reader of whom AhaSend does not say which. */
  readonly opened: FirstSeen;
  /** First click, likewise. */
  readonly clicked: FirstSeen;
}

const stateByType = {
  "message.reception": "accepted",
  "message.transient_error": "deferred",
  "message.delivered": "delivered",
  // Nobody can open what was not delivered.
  "message.opened": "delivered",
  "message.clicked": "delivered",
  "message.suppressed": "suppressed",
  "message.failed": "failed",
  "message.bounced": "bounced",
} as const satisfies Record<AhaSendMessageEvent["type"], MessageState>;

/**
 * Adds an event to the status of its message. Events of one message (see {@link messageKey}) may come in any order and any
 * number of times: the result is the same. A late `delivered` does not undo a bounce.
 *
 * A complaint is a `suppression.created` and names no message: pass it for the message that you take it to be about, such as
 * the last one delivered to that recipient. Events of other types change nothing.
 *
 * Source: the contract, "How it is delivered" (order is not given, facts repeat) and "`data` of the message events". Throws nothing.
 *
 * @param previous the status so far; `undefined` or `null` before the first event
 *
 * @example
 * const status = messageStatus(previous, event);
 * if (status.state === "bounced") showBounce(status.since);
 */
export function messageStatus(
  previous: MessageStatus | null | undefined,
  event: AhaSendMessageEvent,
): MessageStatus;
export function messageStatus(
  previous: MessageStatus | null | undefined,
  event: AhaSendEvent | UnknownEvent,
): MessageStatus | undefined;
export function messageStatus(
  previous: MessageStatus | null | undefined,
  event: AhaSendEvent | UnknownEvent,
): MessageStatus | undefined {
  const state = readState(event);
  if (state === undefined) return previous ?? undefined;
  const at = readString(event.timestamp);
  const { opened = {}, clicked = {} } = previous ?? {};
  return {
    ...mergeState(previous, state, at),
    opened:
      event.type === "message.opened" ? addSeen(opened, readActor(event as MessageOpenedEvent), at) : opened,
    clicked:
      event.type === "message.clicked"
        ? addSeen(clicked, readActor(event as MessageClickedEvent), at)
        : clicked,
  };
}

function readState(event: AhaSendEvent | UnknownEvent): MessageState | undefined {
  if (isMessageEvent(event)) return stateByType[event.type];
  return isComplaint(event) ? "complained" : undefined;
}

/** The maximum of an order, first by state, then by time: so neither order nor repetition matters. */
function mergeState(
  previous: MessageStatus | null | undefined,
  state: MessageState,
  at: string,
): Pick<MessageStatus, "state" | "since"> {
  if (previous === null || previous === undefined) return { state, since: at };
  const further = messageStates.indexOf(state) - messageStates.indexOf(previous.state);
  if (further > 0) return { state, since: at };
  const since = further === 0 ? findEarlier(previous.since, at) : previous.since;
  return { state: previous.state, since };
}

/** Fields in a fixed order, so that equal statuses are equal JSON. */
function addSeen({ human, bot, unknown }: FirstSeen, by: Actor, at: string): FirstSeen {
  const seen: { [By in Actor]: string | undefined } = { human, bot, unknown };
  const before = seen[by];
  seen[by] = before === undefined ? at : findEarlier(before, at);
  return Object.fromEntries(Object.entries(seen).filter(([, time]) => time !== undefined));
}

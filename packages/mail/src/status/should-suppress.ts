import type {
  AhaSendEvent,
  MessageBouncedEvent,
  SuppressionCreatedEvent,
  UnknownEvent,
} from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";
import { bounceKind } from "./bounce-kind.js";
import { type SuppressionKind, suppressionKind } from "./suppression-kind.js";

/** An address not to write to, and why. */
export interface Suppression {
  readonly recipient: string;
  readonly reason: SuppressionKind;
  /** When AhaSend will send to it again: RFC 3339. Absent if the event does not say. */
  readonly until?: string;
}

/**
 * Returns the address that must not be written to any more, with the reason; `undefined` if the event is not a cause to stop.
 *
 * Causes are every `suppression.created`, and a hard bounce: the address does not work. A soft bounce, a block and a bounce of
 * unknown kind are not: AhaSend counts them, and puts the address on its list when it has seen enough. `message.suppressed` is
 * not either: it repeats an earlier cause, without its end.
 *
 * Source: the contract, "`data` of `suppression.created`" and "`data` of the message events". Throws nothing.
 *
 * @example
 * const suppression = shouldSuppress(event);
 * if (suppression !== undefined) await db.suppress(suppression.recipient, suppression.reason);
 */
export function shouldSuppress(event: AhaSendEvent | UnknownEvent): Suppression | undefined {
  if (event.type === "suppression.created") {
    const created = event as SuppressionCreatedEvent;
    const { recipient, expires_at } = created.data;
    const until = readString(expires_at);
    return toSuppression(recipient, suppressionKind(created), until);
  }
  if (event.type !== "message.bounced" || bounceKind(event) !== "hard") return undefined;
  return toSuppression((event as MessageBouncedEvent).data.recipient, "bounce", "");
}

/** Without a recipient there is nobody to leave out. */
function toSuppression(recipient: unknown, reason: SuppressionKind, until: string): Suppression | undefined {
  const address = readString(recipient);
  if (address === "") return undefined;
  return until === "" ? { recipient: address, reason } : { recipient: address, reason, until };
}

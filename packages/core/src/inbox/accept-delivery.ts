import { callQuietly } from "../call-quietly.js";
import { WebhookError } from "../errors.js";
import type { RequestInFlight } from "../handling/request-in-flight.js";
import type { VerifiedDelivery } from "../intake/verified-delivery.js";
import type { AcknowledgedOutcome } from "../outcome.js";
import { REFUSALS } from "../refusals.js";
import type { Inbox } from "../stores/inbox.js";
import { withTimeout } from "../with-timeout.js";

/** Without a durable answer after this time, the next attempt has to bring the delivery again. */
const ACCEPT_MS = 3000;

/**
 * Hands a delivery over to an inbox.
 *
 * @throws {WebhookError} `inbox_unavailable`
 */
export async function acceptDelivery(
  inbox: Inbox,
  { event, context }: VerifiedDelivery,
  endpoint: string,
  request: RequestInFlight,
): Promise<AcknowledgedOutcome["kind"]> {
  const { deliveryId, sentAt, rawBody } = context;
  const { type } = event;
  const orderingKey = findOrderingKey(inbox, event);
  let answer: unknown;
  try {
    const delivery = { endpoint, deliveryId, type, sentAt, rawBody, orderingKey };
    const leftMs = Math.max(0, Math.min(ACCEPT_MS, request.remainingMs()));
    answer = await withTimeout(leftMs, inbox.accept(delivery));
  } catch (cause) {
    throw unavailable(cause);
  }
  if (answer === "accepted" || answer === "duplicate") return answer;
  throw unavailable(new TypeError('The inbox\'s accept() must resolve to "accepted" or "duplicate".'));
}

/** @throws {WebhookError} `inbox_unavailable` if the user's function fails: without its order, a delivery must not be kept */
function findOrderingKey(inbox: Inbox, event: VerifiedDelivery["event"]): string | undefined {
  try {
    const key: unknown = inbox.orderingKey?.(event) ?? undefined;
    if (key === undefined || typeof key === "string") return key;
    callQuietly(() => key);
    throw new TypeError(`orderingKey must return a string or undefined, not a value of type ${typeof key}.`);
  } catch (cause) {
    throw new WebhookError("inbox_unavailable", REFUSALS.inbox_unavailable.message.order, { cause });
  }
}

function unavailable(cause: unknown): WebhookError {
  return new WebhookError("inbox_unavailable", REFUSALS.inbox_unavailable.message.down, { cause });
}

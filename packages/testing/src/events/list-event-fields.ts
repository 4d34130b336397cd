import type { AhaSendEventType } from "@ahasend-webhooks/core";

import { assertEventType, selectDataOrder } from "./create-event.js";
import { fieldOrder } from "./samples.js";

/** Fields with fields of their own. */
const nested: Readonly<Record<string, readonly string[]>> = { delivery_attempt: fieldOrder.attempt };

/**
 * Lists the documented fields of an event type as paths, those that only some events have included.
 *
 * @throws {TypeError} if the type is unknown
 *
 * @example
 * listEventFields("message.bounced"); // ["type", "timestamp", …, "data.recipient", …, "data.delivery_attempt.smtp_code"]
 */
export function listEventFields(type: AhaSendEventType): string[] {
  assertEventType(type);
  const data = selectDataOrder(type).flatMap((name) => [
    `data.${name}`,
    ...(nested[name] ?? []).map((field) => `data.${name}.${field}`),
  ]);
  return [...fieldOrder.envelope, ...data];
}

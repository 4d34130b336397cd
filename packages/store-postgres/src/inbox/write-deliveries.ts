import { createHash } from "node:crypto";

import type { StoredDelivery } from "@ahasend-webhooks/core";
import { toDeliveryKey } from "@ahasend-webhooks/core/inbox";

import { type RunStatement, UNEXPECTED_RESULT } from "../database/database.js";
import { readRows } from "./read-rows.js";

/** Writes deliveries in one statement. @returns for each whether it is new */
export async function writeDeliveries(
  query: RunStatement,
  statement: string,
  deliveries: readonly StoredDelivery[],
  time: number | null,
): Promise<boolean[]> {
  const starts: number[] = [];
  let end = 1;
  for (const { rawBody } of deliveries) {
    starts.push(end);
    end += rawBody.length;
  }
  const rows = await query(statement, [
    deliveries.map(({ endpoint }) => endpoint),
    deliveries.map(({ deliveryId }) => deliveryId),
    // PostgreSQL refuses a NUL in a string. The worker parses the type again.
    deliveries.map(({ type }) => type.replaceAll("\0", "\ufffd")),
    deliveries.map(({ sentAt }) => sentAt.getTime()),
    deliveries.map(({ orderingKey }) => hash(orderingKey)),
    // One value, because the driver would write an array of bytes as text.
    Buffer.concat(deliveries.map(({ rawBody }) => rawBody)),
    starts,
    deliveries.map(({ rawBody }) => rawBody.length),
    time,
  ]);
  const [row] = readRows<[string, string][]>(rows);
  // A library that returns no rows must not make a duplicate of every delivery.
  if (row === undefined) throw new Error(UNEXPECTED_RESULT);
  const fresh = new Set(row.facts.map((id) => toDeliveryKey(...id)));
  return deliveries.map(({ endpoint, deliveryId }) => fresh.has(toDeliveryKey(endpoint, deliveryId)));
}

/** An ordering key may be personal, long, or hold characters that PostgreSQL refuses. */
function hash(orderingKey: string | undefined): string | null {
  return orderingKey === undefined ? null : createHash("sha256").update(orderingKey).digest("base64url");
}

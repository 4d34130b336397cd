import { createHash } from "node:crypto";

import type { StoredDelivery } from "@ahasend-webhooks/core";
import { toDeliveryKey } from "@ahasend-webhooks/core/inbox";

import { type RunStatement, UNEXPECTED_RESULT } from "../database/database.js";
import { readSqlStates } from "../errors.js";
import type { InboxStatements } from "./inbox-statements.js";
import { readRows } from "./read-rows.js";

const LOCK_NOT_AVAILABLE = "55P03";

/** Writes deliveries in one statement. @returns for each whether it is new */
export async function writeDeliveries(
  query: RunStatement,
  statements: Pick<InboxStatements, "accept" | "acceptBesideHandlers">,
  deliveries: readonly StoredDelivery[],
  time: number | null,
): Promise<boolean[]> {
  const values = toValues(deliveries.toSorted(compareIds), time);
  const rows = await query(statements.accept, values, { preparedAs: "accept" }).catch((error: unknown) => {
    if (!readSqlStates(error).includes(LOCK_NOT_AVAILABLE)) throw error;
    return query(statements.acceptBesideHandlers, values);
  });
  const [row] = readRows<[string, string][]>(rows);
  // A library that returns no rows must not make a duplicate of every delivery.
  if (row === undefined) throw new Error(UNEXPECTED_RESULT);
  const fresh = new Set(row.facts.map((id) => toDeliveryKey(...id)));
  return deliveries.map(({ endpoint, deliveryId }) => fresh.has(toDeliveryKey(endpoint, deliveryId)));
}

/** Two batches with the same deliveries would lock each other out if they wrote them in different orders. */
function compareIds(one: StoredDelivery, other: StoredDelivery): number {
  if (one.deliveryId === other.deliveryId) return one.endpoint < other.endpoint ? -1 : 1;
  return one.deliveryId < other.deliveryId ? -1 : 1;
}

function toValues(deliveries: readonly StoredDelivery[], time: number | null): unknown[] {
  const starts: number[] = [];
  let end = 1;
  for (const { rawBody } of deliveries) {
    starts.push(end);
    end += rawBody.length;
  }
  return [
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
  ];
}

/** An ordering key may be personal, long, or hold characters that PostgreSQL refuses. */
function hash(orderingKey: string | undefined): string | null {
  return orderingKey === undefined ? null : createHash("sha256").update(orderingKey).digest("base64url");
}

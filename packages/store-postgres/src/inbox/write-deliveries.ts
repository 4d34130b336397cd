import { readSqlStates } from "../errors.js";
import type { SqlQuery } from "../sql-executor.js";
import { type AcceptedDelivery, toDeliveryKey } from "./accept-queue.js";
import { readRows } from "./read-rows.js";

/** Classes of errors about values, limits such as the length of an index entry, and two statements that waited for each other. */
const DATA_ERRORS = /^(?:22|23|54|40)/;

/** Returns whether the error is about the values of one delivery, so that others of its batch can still be written. */
export function isDataError(error: unknown): boolean {
  return readSqlStates(error).some((state) => DATA_ERRORS.test(state));
}

/** Writes deliveries in one statement. @returns for each whether it is new */
export async function writeDeliveries(
  query: SqlQuery,
  statement: string,
  deliveries: readonly AcceptedDelivery[],
  time: number | null,
): Promise<boolean[]> {
  const starts: number[] = [];
  let end = 1;
  for (const { delivery } of deliveries) {
    starts.push(end);
    end += delivery.rawBody.length;
  }
  const result = await query(statement, [
    deliveries.map(({ delivery }) => delivery.endpoint),
    deliveries.map(({ delivery }) => delivery.deliveryId),
    // PostgreSQL refuses a NUL in a string. The worker parses the type again.
    deliveries.map(({ delivery }) => delivery.type.replaceAll("\0", "\ufffd")),
    deliveries.map(({ delivery }) => delivery.sentAt.getTime()),
    deliveries.map(({ orderingKey }) => orderingKey),
    // One value, because the driver would write an array of bytes as text.
    Buffer.concat(deliveries.map(({ delivery }) => delivery.rawBody)),
    starts,
    deliveries.map(({ delivery }) => delivery.rawBody.length),
    time,
  ]);
  const fresh = new Set(readRows<[string, string]>(result).map(({ facts }) => toDeliveryKey(...facts)));
  return deliveries.map(({ delivery }) => fresh.has(toDeliveryKey(delivery.endpoint, delivery.deliveryId)));
}

/** A row of a statement of an inbox. */
export interface InboxRow<Facts> {
  facts: Facts;
  body: unknown;
}

/**
 * Reads the rows of a statement: JSON in a string, which the type parsers and row modes of the application do not change.
 *
 * @throws {Error} if it is anything else, which must never pass for an accepted or settled delivery
 */
export function readRows<Facts>(result: unknown): InboxRow<Facts>[] {
  const rows = typeof result === "object" && result !== null && "rows" in result ? result.rows : undefined;
  if (!Array.isArray(rows)) throw new Error(UNEXPECTED);
  return rows.map((row: unknown) => {
    const [facts, body] = typeof row === "object" && row !== null ? (Object.values(row) as unknown[]) : [];
    if (typeof facts !== "string") throw new Error(UNEXPECTED);
    return { facts: JSON.parse(facts) as Facts, body };
  });
}

/** @throws {Error} if the statement returned something else than bytes */
export function readBytes(body: unknown): Uint8Array {
  if (!ArrayBuffer.isView(body)) throw new Error(UNEXPECTED);
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
}

const UNEXPECTED =
  "PostgreSQL returned an unexpected result for a statement of the inbox: pass a pool that does not transform results.";

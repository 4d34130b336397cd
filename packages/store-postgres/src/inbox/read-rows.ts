import { UNEXPECTED_RESULT } from "../database/database.js";

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
export function readRows<Facts>(rows: readonly unknown[]): InboxRow<Facts>[] {
  return rows.map((row) => {
    const [facts, body] = typeof row === "object" && row !== null ? (Object.values(row) as unknown[]) : [];
    if (typeof facts !== "string") throw new Error(UNEXPECTED_RESULT);
    return { facts: JSON.parse(facts) as Facts, body };
  });
}

/** Decodes a body. @throws {Error} if the statement returned something else than a string */
export function readBytes(body: unknown): Uint8Array {
  if (typeof body !== "string") throw new Error(UNEXPECTED_RESULT);
  const bytes = Buffer.from(body, "base64");
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

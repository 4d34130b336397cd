/** The result of the statements `claim` and `receipt`. */
export interface StatementResult {
  state: "claimed" | "busy" | "done";
  /** `claimed`: the attempt; `busy`: retry after this many milliseconds. */
  number: number;
}

/**
 * Parses the result of a statement: one string, which the type parsers and row modes of the application do not change.
 *
 * @throws {Error} if it is anything else, which must never pass for a receipt
 */
export function parseResult(result: unknown): StatementResult {
  const [text] = readFirstRow(result);
  const [, state, number] = /^(claimed|busy|done) (\d{1,15})$/.exec(text ?? "") ?? [];
  if (state === "claimed" || state === "busy" || state === "done") return { state, number: Number(number) };
  throw new Error(
    "PostgreSQL returned an unexpected result for a statement of the store: pass a pool that does not transform results.",
  );
}

/** Returns the columns of the first row, `undefined` where a column is not a string. */
export function readFirstRow(result: unknown): (string | undefined)[] {
  const rows = typeof result === "object" && result !== null && "rows" in result ? result.rows : undefined;
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (typeof row !== "object" || row === null) return [];
  return Object.values(row).map((column: unknown) => (typeof column === "string" ? column : undefined));
}

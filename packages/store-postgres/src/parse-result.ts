/** The answer of the statements `claim` and `receipt`. */
export interface StatementResult {
  state: "claimed" | "busy" | "done";
  /** The attempt when claimed, the milliseconds until a retry makes sense when busy. */
  number: number;
}

/**
 * Reads the one line of text that a statement answers: the application's type parsers and row modes leave it as it is.
 *
 * @throws {Error} for anything else, which must never look like a receipt
 */
export function parseResult(result: unknown): StatementResult {
  const [line] = readFirstRow(result);
  const [, state, number] = /^(claimed|busy|done) (\d{1,15})$/.exec(line ?? "") ?? [];
  if (state === "claimed" || state === "busy" || state === "done") return { state, number: Number(number) };
  throw new Error(
    "PostgreSQL's answer to a statement of the store is not readable: pass a pool whose results nothing changes.",
  );
}

/** The columns of the first row, as far as they are strings. */
export function readFirstRow(result: unknown): (string | undefined)[] {
  const rows = typeof result === "object" && result !== null && "rows" in result ? result.rows : undefined;
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (typeof row !== "object" || row === null) return [];
  return Object.values(row).map((column: unknown) => (typeof column === "string" ? column : undefined));
}

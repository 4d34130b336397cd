import { UNEXPECTED_RESULT } from "./database/database.js";

/** The result of the statements `claim` and `receipt`. */
export interface StatementResult {
  state: "claimed" | "busy" | "done";
  /** `claimed`: the attempt; `busy`: retry after this many milliseconds. */
  number: number;
}

/**
 * Parses the rows of a statement: one string, which the type parsers and row modes of the application do not change.
 *
 * @throws {Error} if they are anything else, which must never pass for a receipt
 */
export function parseResult(rows: readonly unknown[]): StatementResult {
  const [text] = readFirstRow(rows);
  const [, state, number] = /^(claimed|busy|done) (\d{1,15})$/.exec(text ?? "") ?? [];
  if (state === "claimed" || state === "busy" || state === "done") return { state, number: Number(number) };
  throw new Error(UNEXPECTED_RESULT);
}

/** Returns the columns of the first row, `undefined` where a column is not a string. */
export function readFirstRow([row]: readonly unknown[]): (string | undefined)[] {
  if (typeof row !== "object" || row === null) return [];
  return Object.values(row).map((column: unknown) => (typeof column === "string" ? column : undefined));
}

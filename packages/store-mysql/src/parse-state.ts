/** The state of a delivery, from the store's statements. */
export interface RowState {
  state: "claimed" | "busy" | "done";
  /** `claimed`: the attempt; `busy`: retry after this many milliseconds. */
  number: number;
}

/**
 * Parses the state of a row: one string, which looks the same in every configuration of the driver. `undefined` if there is no
 * row.
 *
 * @throws {Error} if it is anything else, which must never pass for a receipt
 */
export function parseState(rows: readonly unknown[]): RowState | undefined {
  if (rows.length === 0) return undefined;
  const [, state, number] = /^(claimed|busy|done) (\d{1,15})$/.exec(readStrings(rows)[0] ?? "") ?? [];
  if (state === "claimed" || state === "busy" || state === "done") return { state, number: Number(number) };
  throw new Error(UNEXPECTED_RESULT);
}

/** Returns the only column of each row. @throws {Error} if it is not a string */
export function readStrings(rows: readonly unknown[]): string[] {
  return rows.map((row) => {
    const values: unknown[] = typeof row === "object" && row !== null ? Object.values(row) : [];
    if (typeof values[0] === "string") return values[0];
    throw new Error(UNEXPECTED_RESULT);
  });
}

export const UNEXPECTED_RESULT =
  "MySQL returned an unexpected result for a statement of the store: pass a pool of mysql2 or an executor that does not transform results.";

import type { SqlResult } from "./sql-executor.js";

/** Parses what mysql2 returns: rows, or the header of a statement that returns none. */
export function parseMysql2Result(result: unknown): SqlResult {
  if (Array.isArray(result)) return { rows: result, affectedRows: 0 };
  // Anything else than a number is refused by the store.
  const { affectedRows } = (result ?? {}) as SqlResult;
  return { rows: [], affectedRows };
}

/** The SQLSTATE of an error, such as `42P01`. */
function sqlState(error: unknown): string | undefined {
  const code: unknown =
    typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The SQLSTATEs of an error and of what caused it, the outermost first: a query builder may have wrapped it. */
export function sqlStates(error: unknown): string[] {
  const states: string[] = [];
  for (
    let cause = error, depth = 0;
    cause instanceof Error && depth < MAX_CAUSES;
    cause = cause.cause, depth += 1
  ) {
    const state = sqlState(cause);
    if (state !== undefined) states.push(state);
  }
  return states;
}

/** A chain of causes may be a circle. */
const MAX_CAUSES = 10;

const UNDEFINED_TABLE = "42P01";

/** The error of a statement of ours, with the cure where there is one. */
export function explained(error: unknown, table: string): unknown {
  if (sqlState(error) !== UNDEFINED_TABLE) return error;
  return new Error(
    `The table ${table} does not exist: await store.migrate() at start, or run the SQL of migrationSql() yourself.`,
    { cause: error },
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

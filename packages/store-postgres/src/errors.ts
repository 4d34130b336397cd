/** The SQLSTATE of an error, such as `42P01`. */
export function sqlState(error: unknown): string | undefined {
  const code: unknown =
    typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

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

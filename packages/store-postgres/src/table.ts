/** The table of the receipts. */
export interface TableOptions {
  /** @default "public" */
  schema?: string;
  /** @default "ahasend_deliveries" */
  table?: string;
}

/** The names of a table, validated and quoted for SQL. */
export interface TableName {
  schema: string;
  /** With its schema. */
  table: string;
  /** The index for the clean-up, without a schema: it is that of the table. */
  index: string;
  /** The words for it in error messages. */
  words: TableWords;
}

/** The words for a table in error messages. */
export interface TableWords {
  /** The variable in the examples. */
  owner: "store" | "inbox";
  /** The function that returns its SQL. */
  migrationSql: "migrationSql()" | "inboxMigrationSql()";
}

/** PostgreSQL truncates longer names silently. */
const MAX_NAME_BYTES = 63;

/** Validates and quotes the names of a table. @throws {TypeError} if PostgreSQL would reject or truncate a name */
export function resolveTableName({
  schema = "public",
  table = "ahasend_deliveries",
}: TableOptions): TableName {
  return {
    schema: quoteName("schema", schema),
    table: `${quoteName("schema", schema)}.${quoteName("table", table)}`,
    index: quoteName("table", `${table}_keep_until`),
    words: { owner: "store", migrationSql: "migrationSql()" },
  };
}

/** Quotes a name for SQL. @throws {TypeError} if PostgreSQL would reject or truncate it */
export function quoteName(option: string, name: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0")) {
    throw new TypeError(`${option} must be a non-empty string without null characters.`);
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new TypeError(
      `${option} must be shorter: ${MAX_NAME_BYTES} bytes is the maximum for a name in PostgreSQL, including suffixes such as _keep_until.`,
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

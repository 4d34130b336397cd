/** The table of the receipts. */
export interface TableOptions {
  /** The database of the table. @default the database of the connection */
  schema?: string;
  /** @default "ahasend_deliveries" */
  table?: string;
}

/** The names of a table, validated and quoted for SQL. */
export interface TableName {
  /** The database, quoted; `undefined` for that of the connection. */
  schema: string | undefined;
  /** With its database, if the options name one. */
  table: string;
  /** The database as an expression, for comparisons. */
  schemaValue: string;
  /** The table as an expression, for comparisons. */
  tableValue: string;
}

const MAX_NAME_LENGTH = 64;

/** Validates and quotes the names of a table. @throws {TypeError} if MySQL would reject a name */
export function resolveTableName({ schema, table = "ahasend_deliveries" }: TableOptions): TableName {
  const quotedTable = quoteName("table", table);
  const quotedSchema = schema === undefined ? undefined : quoteName("schema", schema);
  return {
    schema: quotedSchema,
    table: quotedSchema === undefined ? quotedTable : `${quotedSchema}.${quotedTable}`,
    schemaValue: schema === undefined ? "coalesce(database(), '')" : toHexLiteral(schema),
    tableValue: toHexLiteral(table),
  };
}

/**
 * Returns a string as a hexadecimal literal of its UTF-8 bytes. Unlike a string in quotes, it means the same in every
 * `sql_mode`, character set and configuration of a driver, and is compared byte by byte.
 */
export function toHexLiteral(text: string): string {
  return `X'${Buffer.from(text).toString("hex")}'`;
}

/** Quotes a name for SQL. @throws {TypeError} if MySQL would reject it */
function quoteName(option: string, name: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0") || name.endsWith(" ")) {
    throw new TypeError(
      `${option} must be a non-empty string without null characters and without a space at its end.`,
    );
  }
  if (name.length > MAX_NAME_LENGTH) {
    throw new TypeError(
      `${option} must be shorter: ${MAX_NAME_LENGTH} characters is the maximum for a name in MySQL.`,
    );
  }
  return `\`${name.replaceAll("`", "``")}\``;
}

/** Where the receipts are. */
export interface TableOptions {
  /** @default "public" */
  schema?: string;
  /** @default "ahasend_deliveries" */
  table?: string;
}

/** The names of a table, checked, quoted and ready for SQL. */
export interface TableName {
  schema: string;
  /** With its schema. */
  table: string;
  /** Of the index for the clean-up; without a schema, which is the table's. */
  index: string;
}

/** PostgreSQL cuts longer names off, without a word. */
const MAX_NAME_BYTES = 63;

/** @throws {TypeError} for a name that PostgreSQL would refuse or cut off */
export function resolveTableName({
  schema = "public",
  table = "ahasend_deliveries",
}: TableOptions): TableName {
  return {
    schema: quote("schema", schema),
    table: `${quote("schema", schema)}.${quote("table", table)}`,
    index: quote("table", `${table}_keep_until`),
  };
}

function quote(option: string, name: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0")) {
    throw new TypeError(`${option} is not a name for PostgreSQL: leave it out for the default.`);
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new TypeError(`${option} makes a name of more than ${MAX_NAME_BYTES} bytes: pass a shorter one.`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

import { type TableName, quoteName, resolveTableName } from "../table.js";

/** The table of an inbox. */
export interface InboxTableOptions {
  /** @default "public" */
  schema?: string;
  /** @default "ahasend_inbox" */
  table?: string;
}

/** The names of the table of an inbox, validated and quoted for SQL. Those of indexes are without a schema. */
export interface InboxTableName extends TableName {
  dueIndex: string;
  activeIndex: string;
  orderIndex: string;
  deadIndex: string;
}

/** Validates and quotes the names. @throws {TypeError} if PostgreSQL would reject or truncate a name */
export function resolveInboxTableName({
  schema,
  table = "ahasend_inbox",
}: InboxTableOptions): InboxTableName {
  return {
    ...resolveTableName(schema === undefined ? { table } : { schema, table }),
    dueIndex: quoteName("table", `${table}_due`),
    activeIndex: quoteName("table", `${table}_active`),
    orderIndex: quoteName("table", `${table}_order`),
    deadIndex: quoteName("table", `${table}_dead`),
    words: { owner: "inbox", migrationSql: "inboxMigrationSql()" },
  };
}

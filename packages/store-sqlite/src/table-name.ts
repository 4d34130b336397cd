/** The names of a table, of what belongs to it, and of its indexes, quoted for SQL. */
export interface TableName {
  table: string;
  /** The table with the process that works on an inbox. */
  owner: string;
  /** Returns the name of an index. */
  index: (suffix: string) => string;
}

/** Validates and quotes the name of a table. @throws {TypeError} if SQLite would reject it */
export function resolveTableName(table: unknown): TableName {
  if (typeof table !== "string" || table === "" || table.includes("\0")) {
    throw new TypeError("table must be a non-empty string without null characters.");
  }
  if (/^sqlite_/i.test(table)) {
    throw new TypeError('table must not begin with "sqlite_": SQLite keeps such names for itself.');
  }
  return {
    table: quote(table),
    owner: quote(`${table}_owner`),
    index: (suffix) => quote(`${table}_${suffix}`),
  };
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

import { types } from "node:util";

/** A value that is passed to a statement. */
export type SqliteValue = null | number | string | Uint8Array;

/**
 * A prepared statement, with the methods that are used here. Their parameters are {@link SqliteValue}s; with that type, the
 * statements of libsql would not fit before TypeScript 6.
 */
export interface SqliteStatementLike {
  // oxlint-disable-next-line no-explicit-any
  run(...values: any[]): { changes: number | bigint };
  // oxlint-disable-next-line no-explicit-any
  all(...values: any[]): unknown[];
}

/** A synchronous connection to SQLite: of `better-sqlite3`, `libsql` or `node:sqlite`. */
export interface SqliteLike {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatementLike;
}

/** A row of a result: drivers differ in the types of integers and of bytes. */
export type SqliteRow = Readonly<Record<string, unknown>>;

/** Returns an integer of a row. */
export function toNumber(value: unknown): number {
  return Number(value);
}

/** Returns the bytes of a row. @throws {TypeError} if they have an unknown type: an empty body would lose a delivery */
export function toBytes(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // From libsql, and in Jest from another realm.
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  throw new TypeError(
    `SQLite returned a body as ${typeof value}: pass a connection of node:sqlite, better-sqlite3 or libsql.`,
  );
}

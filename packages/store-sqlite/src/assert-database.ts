import type { SqliteLike } from "./sqlite-like.js";

/** Objects that are often mistaken for a connection, each recognized by a property that only it has. */
const UNSUPPORTED: readonly (readonly [property: string, description: string])[] = [
  ["then", "a Promise: await it first"],
  ["$client", "a database of Drizzle: pass the connection that it uses"],
  ["executeMultiple", "a client of @libsql/client, which is asynchronous: pass a Database of libsql"],
];

/**
 * Asserts that a value is a synchronous connection to SQLite.
 *
 * @param name the function that needs it, for the message
 * @throws {TypeError} with the type of the value, never the value itself
 */
export function assertDatabase(name: string, db: unknown): asserts db is SqliteLike {
  const createError = (description: string) =>
    new TypeError(
      `${name} needs a connection of node:sqlite (new DatabaseSync(file)), better-sqlite3 or libsql, but got ${description}.`,
    );
  if (typeof db === "string") throw createError("a string: open the file and pass the connection");
  if ((typeof db !== "object" && typeof db !== "function") || db === null) {
    throw createError(db === null ? "null" : typeof db);
  }
  for (const [property, description] of UNSUPPORTED) {
    if (Reflect.get(db, property) !== undefined) throw createError(description);
  }
  const methods = ["exec", "prepare"].map((method): unknown => Reflect.get(db, method));
  if (methods.every((method) => typeof method === "function")) return;
  throw createError(
    typeof db === "function"
      ? `the function or class ${db.name}: pass a connection created with it`
      : `an instance of ${db.constructor?.name ?? "null"}`,
  );
}

/** Objects that are often mistaken for a pool, each recognized by a property that only it has. */
const UNSUPPORTED: readonly (readonly [property: string, description: string])[] = [
  ["then", "a Promise: await it first"],
  ["release", "a client checked out of a pool: pass the pool"],
  ["escapeLiteral", "a Client, which is one connection: pass a Pool"],
  ["$pool", "a database of pg-promise: pass its $pool property"],
  ["$client", "a database of Drizzle: pass the pool that it uses"],
  ["createQueryRunner", "a DataSource of TypeORM: pass a pool of pg"],
];

/**
 * Asserts that a value is a pool of connections.
 *
 * @param caller the function that needs it, for the message
 * @throws {TypeError} with the type of the value, never the value itself: it may be a URL with a password
 */
export function assertPool(caller: string, pool: unknown): void {
  const createError = (description: string) =>
    new TypeError(`${caller} needs a pool of pg (new Pool()), but got ${description}.`);
  if ((typeof pool !== "object" && typeof pool !== "function") || pool === null) {
    throw createError(pool === null ? "null" : typeof pool);
  }
  for (const [property, description] of UNSUPPORTED) {
    if (Reflect.get(pool, property) !== undefined) throw createError(description);
  }
  const methods = ["query", "connect"].map((method): unknown => Reflect.get(pool, method));
  if (methods.every((method) => typeof method === "function")) return;
  throw createError(
    typeof pool === "function"
      ? `the function or class ${pool.name}: pass a pool created with it`
      : `an instance of ${pool.constructor?.name ?? "null"}`,
  );
}

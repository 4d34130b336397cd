/** Things that have the methods of a pool and cannot work, or are often taken for one, by a property of theirs. */
const LOOKALIKES: readonly (readonly [property: string, what: string])[] = [
  ["then", "a Promise: await it first"],
  ["release", "a client checked out of a pool: pass the pool"],
  ["escapeLiteral", "a Client, which is one connection: pass a Pool"],
  ["$pool", "a database of pg-promise: pass its property $pool"],
  ["$client", "a database of Drizzle: pass the pool it was made of"],
  ["createQueryRunner", "a DataSource of TypeORM: pass a pool of pg"],
];

/**
 * Refuses what is not a pool of connections.
 *
 * @throws {TypeError} that names the type of what was given, never its value: it may be a URL with a password
 */
export function assertPool(pool: unknown): void {
  const given = (what: string) =>
    new TypeError(`postgresStore needs a pool of pg (new Pool()), but was given ${what}.`);
  if ((typeof pool !== "object" && typeof pool !== "function") || pool === null) {
    throw given(pool === null ? "null" : typeof pool);
  }
  for (const [property, what] of LOOKALIKES) {
    if (Reflect.get(pool, property) !== undefined) throw given(what);
  }
  const methods = ["query", "connect"].map((method): unknown => Reflect.get(pool, method));
  if (methods.every((method) => typeof method === "function")) return;
  throw given(
    typeof pool === "function"
      ? `the function or class ${pool.name}: pass what it makes`
      : `an object of the class ${pool.constructor?.name ?? "null"}`,
  );
}

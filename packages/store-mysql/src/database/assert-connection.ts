/** Objects that are often mistaken for a pool, each recognized by a property that only it has. */
const UNSUPPORTED: readonly (readonly [property: string, description: string])[] = [
  ["then", "a Promise: await it first"],
  ["release", "a connection checked out of a pool: pass the pool"],
  ["beginTransaction", "a connection: pass a pool, created with createPool()"],
  ["of", "a PoolCluster: pass one of its pools, or another pool"],
  ["$client", "a database of Drizzle: pass the pool that it uses"],
  ["createQueryRunner", "a DataSource of TypeORM: pass a pool of mysql2"],
  ["$queryRawUnsafe", "a client of Prisma: pass a pool of mysql2"],
  ["executeQuery", "a database of Kysely: pass the pool that it uses"],
  ["raw", "an instance of Knex: pass a pool of mysql2"],
  ["getQueryInterface", "an instance of Sequelize: pass a pool of mysql2"],
];

/**
 * Asserts that a value is a pool of mysql2, with promises or with callbacks.
 *
 * @throws {TypeError} with the type of the value, never the value itself: it may be a URL with a password
 */
export function assertPool(pool: unknown): void {
  if ((typeof pool !== "object" && typeof pool !== "function") || pool === null)
    throw createError(pool === null ? "null" : typeof pool);
  const mistaken = UNSUPPORTED.find(([property]) => Reflect.get(pool, property) !== undefined);
  if (mistaken !== undefined) throw createError(mistaken[1]);
  if (typeof Reflect.get(pool, "getConnection") === "function") return;
  throw createError(
    typeof pool === "function"
      ? `the function or class ${pool.name}: pass a pool created with it`
      : `an instance of ${pool.constructor?.name ?? "null"}`,
  );
}

function createError(description: string): TypeError {
  return new TypeError(`mysqlStore needs a pool of mysql2 (mysql.createPool()), but got ${description}.`);
}

/** Objects that are often mistaken for a pool or an executor, each recognized by a property that only it has. */
const UNSUPPORTED: readonly (readonly [property: string, description: string])[] = [
  ["then", "a Promise: await it first"],
  ["createQueryRunner", "a DataSource of TypeORM: pass fromTypeOrm(dataSource)"],
  ["getRepository", "an EntityManager of TypeORM: pass fromTypeOrm(manager)"],
  ["release", "a connection checked out of a pool: pass the pool"],
  ["beginTransaction", "a connection: pass a pool, created with createPool()"],
  ["of", "a PoolCluster: pass one of its pools, or another pool"],
  ["$client", "a database of Drizzle: pass fromDrizzle(db)"],
  ["$queryRawUnsafe", "a client of Prisma: pass fromPrisma(prisma)"],
  ["executeQuery", "a database of Kysely: pass fromKysely(db)"],
  ["raw", "an instance of Knex: pass a pool of mysql2, or an executor of your own"],
  ["getQueryInterface", "an instance of Sequelize: pass a pool of mysql2, or an executor of your own"],
];

/**
 * Asserts that a value is a pool of mysql2, with promises or with callbacks, or an executor.
 *
 * @throws {TypeError} with the type of the value, never the value itself: it may be a URL with a password
 */
export function assertConnection(connection: unknown): void {
  if ((typeof connection !== "object" && typeof connection !== "function") || connection === null)
    throw createError(connection === null ? "null" : typeof connection);
  const mistaken = UNSUPPORTED.find(([property]) => Reflect.get(connection, property) !== undefined);
  if (mistaken !== undefined) throw createError(mistaken[1]);
  const has = (method: string) => typeof Reflect.get(connection, method) === "function";
  if (has("getConnection") || (has("query") && has("transaction"))) return;
  throw createError(
    typeof connection === "function"
      ? `the function or class ${connection.name}: pass a pool created with it`
      : `an instance of ${connection.constructor?.name ?? "null"}`,
  );
}

function createError(description: string): TypeError {
  return new TypeError(
    `mysqlStore needs a pool of mysql2 (mysql.createPool()) or an executor, but got ${description}.`,
  );
}

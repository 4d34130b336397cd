/** Objects that are often mistaken for a pool or an executor, each recognized by a property that only it has. */
const UNSUPPORTED: readonly (readonly [property: string, description: string])[] = [
  ["then", "a Promise: await it first"],
  ["release", "a client checked out of a pool: pass the pool"],
  ["escapeLiteral", "a Client, which is one connection: pass a Pool"],
  ["$pool", "a database of pg-promise: pass its $pool property"],
  ["$client", "a database of Drizzle: pass fromDrizzle(db, sql)"],
  ["createQueryRunner", "a DataSource of TypeORM: pass fromTypeOrm(dataSource)"],
  ["$queryRawUnsafe", "a client of Prisma: pass fromPrisma(prisma)"],
  ["executeQuery", "a database of Kysely: pass fromKysely(db)"],
  ["unsafe", "the sql of postgres.js: pass fromPostgresJs(sql)"],
  ["getQueryInterface", "an instance of Sequelize: pass fromSequelize(sequelize)"],
  ["raw", "an instance of Knex: pass fromKnex(knex)"],
  ["em", "an instance of MikroORM: pass fromMikroOrm(orm.em)"],
  ["transactional", "an EntityManager of MikroORM: pass fromMikroOrm(em)"],
];

/**
 * Asserts that a value is a pool of connections or an executor.
 *
 * @param caller the function that needs it, for the message
 * @throws {TypeError} with the type of the value, never the value itself: it may be a URL with a password
 */
export function assertConnection(caller: string, connection: unknown): void {
  const createError = (description: string) =>
    new TypeError(`${caller} needs a pool of pg (new Pool()) or an executor, but got ${description}.`);
  if ((typeof connection !== "object" && typeof connection !== "function") || connection === null) {
    throw createError(connection === null ? "null" : typeof connection);
  }
  for (const [property, description] of UNSUPPORTED) {
    if (Reflect.get(connection, property) !== undefined) throw createError(description);
  }
  const has = (method: string) => typeof Reflect.get(connection, method) === "function";
  if (has("query") && (has("connect") || has("transaction"))) return;
  throw createError(
    typeof connection === "function"
      ? `the function or class ${connection.name}: pass a pool created with it`
      : `an instance of ${connection.constructor?.name ?? "null"}`,
  );
}

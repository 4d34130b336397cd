import type { PrismaLike, PrismaSession, PrismaTransactionOptions } from "@ahasend-webhooks/core/sql";

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/**
 * The longest that a timer can run. Prisma would return the connection to its pool with the settings of the store, which
 * ends idle transactions itself.
 */
const NEVER_MS = 2_147_483_647;

/**
 * Creates the executor of a Prisma client for MySQL or MariaDB. Handlers get the client of the transaction as `context.tx`.
 *
 * @example
 * mysqlStore(fromPrisma(prisma), { mode: "transaction" });
 */
export function fromPrisma<Tx extends PrismaSession>(
  prisma: PrismaLike<Tx>,
  { maxWait = 3000 }: Pick<PrismaTransactionOptions, "maxWait"> = {},
): SqlExecutor<Tx> {
  const toQuery =
    (session: PrismaSession): SqlQuery =>
    async (sql) => {
      if (!sql.startsWith("SELECT")) return { rows: [], affectedRows: await session.$executeRawUnsafe(sql) };
      return { rows: (await session.$queryRawUnsafe(sql)) as unknown[], affectedRows: 0 };
    };
  return {
    query: toQuery(prisma),
    transaction: async (work) =>
      prisma.$transaction(async (tx) => work(tx, toQuery(tx)), { maxWait, timeout: NEVER_MS }),
  };
}

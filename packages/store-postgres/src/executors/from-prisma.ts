import type { PrismaLike, PrismaSession, PrismaTransactionOptions } from "@ahasend-webhooks/core/sql";

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/**
 * Creates the executor of a Prisma client. Handlers get the client of the transaction as `context.tx`.
 *
 * @example
 * postgresStore(fromPrisma(prisma), { mode: "transaction" });
 */
export function fromPrisma<Tx extends PrismaSession>(
  prisma: PrismaLike<Tx>,
  { maxWait = 3000, timeout = 30_000 }: PrismaTransactionOptions = {},
): SqlExecutor<Tx> {
  const toQuery =
    (session: PrismaSession): SqlQuery =>
    async (text, values) =>
      (await session.$queryRawUnsafe(text, ...values)) as unknown[];
  return {
    query: toQuery(prisma),
    transaction: async (work) =>
      prisma.$transaction(async (tx) => work(tx, toQuery(tx)), { maxWait, timeout }),
  };
}

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** A Prisma client, as far as it is called. */
export interface PrismaLike<Tx extends PrismaSession> extends PrismaSession {
  $transaction: <Result>(
    work: (tx: Tx) => Promise<Result>,
    options?: PrismaTransactionOptions,
  ) => Promise<Result>;
}

/** Runs statements of Prisma. */
export interface PrismaSession {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
}

/** Time limits of the transactions of Prisma, in milliseconds. */
export interface PrismaTransactionOptions {
  /** Wait this long for a connection. @default 3000 */
  maxWait?: number;
  /** Roll a transaction back if it takes longer. @default 30_000 */
  timeout?: number;
}

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

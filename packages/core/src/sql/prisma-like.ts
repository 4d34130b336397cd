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
  $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<number>;
}

/** Time limits of the transactions of Prisma, in milliseconds. */
export interface PrismaTransactionOptions {
  /** Wait this long for a connection. @default 3000 */
  maxWait?: number;
  /** Roll a transaction back if it takes longer. @default 30_000 */
  timeout?: number;
}

/** A DataSource or EntityManager of TypeORM, as far as it is called. */
export interface TypeOrmLike<Manager extends TypeOrmSession> extends TypeOrmSession {
  transaction: {
    <Result>(work: (manager: Manager) => Promise<Result>): Promise<Result>;
    <Result>(isolation: never, work: (manager: Manager) => Promise<Result>): Promise<Result>;
  };
}

/** Runs statements of TypeORM. */
export interface TypeOrmSession {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

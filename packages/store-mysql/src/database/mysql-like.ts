/** A query in the form that mysql2 accepts. */
export interface QueryLike {
  sql: string;
  rowsAsArray?: boolean;
  nestTables?: boolean;
  namedPlaceholders?: boolean;
  values?: unknown[];
  typeCast?: (field: unknown, next: () => unknown) => unknown;
}

/** The methods of a checked-out connection of `mysql2/promise` that the store calls. */
export interface ConnectionLike {
  query(query: QueryLike): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  release(): void;
  destroy(): void;
}

/** A pool of `mysql2/promise`, as far as it is called: a shape, so that the version does not matter. */
export interface PromisePoolLike<Client = ConnectionLike> {
  getConnection(): Promise<Client>;
}

/** A pool of `mysql2`, which takes callbacks, as far as it is called. */
export interface CallbackPoolLike<Client = object> {
  getConnection(callback: (error: NodeJS.ErrnoException | null, connection: Client) => unknown): void;
  promise(): PromisePoolLike;
}

/** A pool of mysql2, with promises or with callbacks. */
export type PoolLike<Client = object> = PromisePoolLike<Client> | CallbackPoolLike<Client>;

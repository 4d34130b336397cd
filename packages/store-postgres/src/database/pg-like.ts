/** Time limit of the store's own statements: a network that drops the result must not hold the connection. */
export const QUERY_TIMEOUT_MS = 5000;

/** A query in the form that pg accepts. */
export interface QueryLike {
  text: string;
  values?: unknown[];
  /** Of the prepared statement that pg makes of it on each connection. */
  name?: string;
  /** In milliseconds; pg then considers the client broken. */
  query_timeout?: number;
  /** Takes the place of the type parsers of the application. */
  types?: { getTypeParser(): (value: unknown) => unknown };
}

/** All columns of the store's own statements are strings. */
export const STRINGS: Required<QueryLike>["types"] = { getTypeParser: () => String };

/** Runs queries: the method of a pg pool or client that the store calls. */
export interface Queryable {
  query(query: QueryLike): Promise<QueryResultLike>;
}

/** The properties of a pg result that the store reads. */
export interface QueryResultLike {
  rows: unknown[];
  rowCount: number | null;
  command?: string;
}

/** The methods of a checked-out pg client that the store calls. */
export interface ClientLike extends Queryable {
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  /** Returns the client to the pool, or destroys it if an error is passed. */
  release(error?: Error): void;
}

/** The methods of a pg pool that the store calls: a shape, so that the version does not matter. */
export interface PoolLike<Client = ClientLike> extends Queryable {
  connect: {
    (): Promise<Client>;
    (callback: never): void;
  };
  readonly options?: { readonly max?: number };
  on?(event: "error", listener: (error: Error) => void): unknown;
  listenerCount?(event: "error"): number;
}

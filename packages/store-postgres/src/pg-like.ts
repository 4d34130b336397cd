/** How long a statement of the store's own may take: a network that swallows the reply must not keep the connection. */
export const QUERY_TIMEOUT_MS = 5000;

/** A query as pg takes it. */
export interface QueryLike {
  text: string;
  values?: unknown[];
  /** In milliseconds; a client that has waited this long is broken. */
  query_timeout?: number;
}

/** Something that runs queries: the part of a pg pool or client that is used here. */
export interface Queryable {
  query(query: QueryLike): Promise<QueryResultLike>;
}

/** The part of a pg result that is used here. */
export interface QueryResultLike {
  rows: unknown[];
  rowCount: number | null;
  command?: string;
}

/** The part of a pg client, checked out of a pool, that is used here. */
export interface ClientLike extends Queryable {
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  /** Puts the client back, or, given an error, throws it away. */
  release(error?: Error): void;
}

/** The part of a pg pool that is used here: its shape, so that its version does not matter. */
export interface PoolLike<Client = ClientLike> extends Queryable {
  connect: {
    (): Promise<Client>;
    (callback: never): void;
  };
  on?(event: "error", listener: (error: Error) => void): unknown;
  listenerCount?(event: "error"): number;
}

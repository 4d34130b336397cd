/** What runs a query: the part of a pg pool or client that is used here. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<QueryResultLike>;
}

/** The part of a pg result that is used here. */
export interface QueryResultLike {
  /** `INSERT`, `COMMIT`, …: what the server says it has done. */
  command: string;
  rows: unknown[];
  rowCount: number | null;
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

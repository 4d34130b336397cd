import type { ClientLike } from "./pg-like.js";
import { findTransactionCommand } from "./find-transaction-command.js";

/** The client that a handler gets for the time of its transaction. */
export interface TransactionClient<Client> {
  client: Client;
  /** Returns the error of the first rejected query: the transaction must then not be committed, even if it was caught. */
  rejection(): Error | undefined;
  /** Rejects every later query, because the connection then belongs to another delivery. */
  end(): void;
}

/**
 * Wraps a client so that only the store can end the transaction. BEGIN, COMMIT and ROLLBACK are rejected in every form that
 * pg accepts, because they would commit the receipt before the handler has finished; `release` and `end` do nothing.
 *
 * @param onLateQuery called once if a query comes after the transaction has ended
 */
export function createTransactionClient<Client extends ClientLike>(
  client: Client,
  onLateQuery: (error: Error) => void,
): TransactionClient<Client> {
  let rejected: Error | undefined;
  let late: Error | undefined;
  let ended = false;
  const query: unknown = Reflect.get(client, "query");

  const guardedQuery = (...args: unknown[]): unknown => {
    if (ended) {
      if (late === undefined) onLateQuery((late = new Error(ENDED)));
      return rejectQuery(late, args);
    }
    const command = findTransactionCommand(readSql(args[0]) || readPreparedSql(client, args[0]));
    if (command === undefined) return Reflect.apply(query as Method, client, args);
    rejected ??= new Error(
      `${command} through context.client is not allowed, because the transaction holds the receipt: leave transactions to the store, use SAVEPOINT for queries that may fail, and for an ORM's own transactions pass its executor to the store, such as fromDrizzle(db, sql).`,
    );
    return rejectQuery(rejected, args);
  };

  /** Members that replace the client's own; what a handler assigns is kept here and not on the client. */
  const members = new Map<PropertyKey, unknown>([
    ["query", guardedQuery],
    ["release", ignoreRelease],
    ["end", ignoreRelease],
  ]);
  const guarded: Client = new Proxy(client, {
    get(target, property) {
      if (members.has(property)) return members.get(property);
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function" || property === "constructor") return value;
      const method = (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        // Methods such as `on` return the client itself.
        return result === target ? guarded : result;
      };
      members.set(property, method);
      return method;
    },
    set(_target, property, value) {
      members.set(property, value);
      return true;
    },
  });
  return { client: guarded, rejection: () => rejected, end: () => void (ended = true) };
}

type Method = (...args: unknown[]) => unknown;

const ENDED = "The transaction of this delivery has ended: await every query in the handler.";

/** Returns the SQL of a query in any form: a string, an object, a cursor or a stream. */
function readSql(query: unknown): string {
  if (typeof query === "string") return query;
  if (typeof query !== "object" || query === null) return "";
  if ("text" in query && typeof query.text === "string") return query.text;
  return "cursor" in query ? readSql(query.cursor) : "";
}

/** Returns the SQL of a query that is only the name of a statement that was prepared on the connection. */
function readPreparedSql(client: object, query: unknown): string {
  if (typeof query !== "object" || query === null || !("name" in query)) return "";
  const { connection } = client as { connection?: { parsedStatements?: Record<string, unknown> } };
  const sql = connection?.parsedStatements?.[String(query.name)];
  return typeof sql === "string" ? sql : "";
}

/** Fails as the client would: calls the callback, or returns a rejected promise that need not be awaited. */
function rejectQuery(error: Error, [query, ...rest]: unknown[]): unknown {
  const config = typeof query === "object" && query !== null ? query : {};
  const callback = [...rest, "callback" in config ? config.callback : undefined].find(isMethod);
  if (callback !== undefined) {
    queueMicrotask(() => callback(error));
    return undefined;
  }
  // A cursor or stream has neither a callback nor a promise.
  if ("submit" in config) throw error;
  const rejection = Promise.reject(error);
  rejection.catch(() => undefined);
  return rejection;
}

/** Replaces `release` and `end`: the store releases the client. */
function ignoreRelease(callback?: unknown): Promise<void> {
  if (isMethod(callback)) queueMicrotask(() => callback());
  return Promise.resolve();
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}

import type { ClientLike } from "./pg-like.js";
import { findTransactionCommand } from "./find-transaction-command.js";

/** A client that is lent to a handler as long as its transaction is open. */
export interface TransactionClient<Client> {
  client: Client;
  /** The first query that was refused; a delivery with one must not be committed, even if the error was swallowed. */
  refusal(): Error | undefined;
  /** From now on every query is refused: the connection is another delivery's by then. */
  end(): void;
}

/**
 * Lends a client that leaves the transaction to the store: BEGIN, COMMIT and ROLLBACK are refused in every form that a
 * driver takes, because they would commit the receipt before the handler has ended; `release` and `end` do nothing.
 *
 * @param onLate called once when a query comes after the loan has ended
 */
export function createTransactionClient<Client extends ClientLike>(
  client: Client,
  onLate: (error: Error) => void,
): TransactionClient<Client> {
  let refused: Error | undefined;
  let late: Error | undefined;
  let ended = false;
  const query: unknown = Reflect.get(client, "query");

  const guardedQuery = (...args: unknown[]): unknown => {
    if (ended) {
      if (late === undefined) onLate((late = new Error(ENDED)));
      return rejectQuery(late, args);
    }
    const command = findTransactionCommand(readSql(args[0]) || readPreparedSql(client, args[0]));
    if (command === undefined) return Reflect.apply(query as Method, client, args);
    refused ??= new Error(
      `${command} through context.client would end the transaction that holds the receipt: leave it to the store, give an ORM no transaction of its own, and use SAVEPOINT for what may fail.`,
    );
    return rejectQuery(refused, args);
  };

  /** Members in place of the client's own; the handler may add to them for the time of the loan. */
  const members = new Map<PropertyKey, unknown>([
    ["query", guardedQuery],
    ["release", ignoreRelease],
    ["end", ignoreRelease],
  ]);
  const guardedClient: Client = new Proxy(client, {
    get(target, property) {
      if (members.has(property)) return members.get(property);
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function" || property === "constructor") return value;
      const method = (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        // `on` and its like return the client itself.
        return result === target ? guardedClient : result;
      };
      members.set(property, method);
      return method;
    },
    set(_target, property, value) {
      members.set(property, value);
      return true;
    },
  });
  return { client: guardedClient, refusal: () => refused, end: () => void (ended = true) };
}

type Method = (...args: unknown[]) => unknown;

const ENDED = "The transaction of this delivery has ended: await all queries in the handler.";

/** The SQL of a query in any form: a string, an object, a cursor or a stream. */
function readSql(query: unknown): string {
  if (typeof query === "string") return query;
  if (typeof query !== "object" || query === null) return "";
  if ("text" in query && typeof query.text === "string") return query.text;
  return "cursor" in query ? readSql(query.cursor) : "";
}

/** The SQL of a query that only names a statement, which its connection has prepared before. */
function readPreparedSql(client: object, query: unknown): string {
  if (typeof query !== "object" || query === null || !("name" in query)) return "";
  const { connection } = client as { connection?: { parsedStatements?: Record<string, unknown> } };
  const sql = connection?.parsedStatements?.[String(query.name)];
  return typeof sql === "string" ? sql : "";
}

/** Fails as the client would: with a callback, or with a promise that nobody has to await. */
function rejectQuery(error: Error, [query, ...rest]: unknown[]): unknown {
  const config = typeof query === "object" && query !== null ? query : {};
  const callback = [...rest, "callback" in config ? config.callback : undefined].find(isMethod);
  if (callback !== undefined) {
    queueMicrotask(() => callback(error));
    return undefined;
  }
  // A cursor or stream is returned as it is and has nobody to reject.
  if ("submit" in config) throw error;
  const rejection = Promise.reject(error);
  rejection.catch(() => undefined);
  return rejection;
}

/** In place of `release` and `end`: the client is the store's to give back. */
function ignoreRelease(callback?: unknown): Promise<void> {
  if (isMethod(callback)) queueMicrotask(() => callback());
  return Promise.resolve();
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}

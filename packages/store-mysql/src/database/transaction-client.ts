import { findCommittingCommand } from "./find-committing-command.js";

/** The connection that a handler gets for the time of its transaction. */
export interface TransactionClient<Client> {
  client: Client;
  /** Returns the error of the first rejected query: the transaction must then not be committed, even if it was caught. */
  rejection(): Error | undefined;
  /** Rejects every later query, because the connection then belongs to another delivery. */
  end(): void;
}

type Method = (...args: unknown[]) => unknown;

/** Methods that send the SQL in their first argument. */
const QUERIES = ["query", "execute", "prepare"];
/** Methods that end the transaction, and the command that they send. */
const COMMANDS: readonly (readonly [method: string, command: string])[] = [
  ["beginTransaction", "START TRANSACTION"],
  ["commit", "COMMIT"],
  ["rollback", "ROLLBACK"],
  ["changeUser", "CHANGE USER"],
  ["reset", "RESET CONNECTION"],
];
/** Methods that do nothing: the store releases the connection. */
const RELEASES: readonly PropertyKey[] = [
  "release",
  "end",
  "destroy",
  "close",
  ...[Symbol.dispose, Symbol.asyncDispose].filter((symbol) => symbol !== undefined),
];

const ENDED = "The transaction of this delivery has ended: await every query in the handler.";

/**
 * Wraps a connection so that only the store can end the transaction. BEGIN, COMMIT, ROLLBACK and the statements that commit
 * implicitly, such as CREATE TABLE, are rejected in every form that mysql2 accepts, because they would commit effects
 * before the handler has finished; `release`, `end` and `destroy` do nothing.
 *
 * @param onLateQuery called once if a query comes after the transaction has ended
 */
export function createTransactionClient<Client extends object>(
  connection: Client,
  onLateQuery: (error: Error) => void,
): TransactionClient<Client> {
  let rejected: Error | undefined;
  let late: Error | undefined;
  let hasEnded = false;

  /** Returns an error if a command must not be sent. */
  const findRejection = (command: string | undefined): Error | undefined => {
    if (hasEnded) {
      if (late === undefined) onLateQuery((late = new Error(ENDED)));
      return late;
    }
    if (command === undefined) return undefined;
    rejected ??= new Error(
      `${command} through context.client is not allowed, because it would end the transaction that holds the receipt: leave transactions to the store, do not start one with an ORM, create tables elsewhere, and use SAVEPOINT for queries to undo.`,
    );
    return rejected;
  };

  /** A connection with promises and the one with callbacks that it wraps are the same transaction. */
  const guards = new WeakMap<object, object>();
  const guard = <Target extends object>(target: Target): Target => {
    const known = guards.get(target);
    if (known !== undefined) return known as Target;
    const send =
      (method: unknown, readCommand: (args: unknown[]) => string | undefined): Method =>
      (...args) => {
        const rejection = findRejection(readCommand(args));
        if (rejection !== undefined) return reject(rejection, args, target);
        return Reflect.apply(method as Method, target, args);
      };
    /** Members that replace the connection's own; what a handler assigns is kept here and not on the connection. */
    const members = new Map<PropertyKey, unknown>([
      ...QUERIES.map((name) => {
        const method: unknown = Reflect.get(target, name);
        return [name, send(method, ([query]) => findCommittingCommand(readSql(query)))] as const;
      }),
      ...COMMANDS.map(([name, command]) => [name, send(undefined, () => command)] as const),
      ...RELEASES.map((name) => [name, ignoreRelease] as const),
    ]);
    const toGuarded = (value: unknown): unknown => (isConnection(value) ? guard(value) : value);
    const guarded = new Proxy(target, {
      get(_target, property) {
        if (members.has(property)) return members.get(property);
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function" || property === "constructor") return toGuarded(value);
        // Methods such as `on` return the connection itself, and `promise` the one with promises.
        const method: Method = (...args) => toGuarded(Reflect.apply(value, target, args));
        members.set(property, method);
        return method;
      },
      set(_target, property, value) {
        members.set(property, value);
        return true;
      },
    });
    guards.set(target, guarded);
    return guarded;
  };
  return { client: guard(connection), rejection: () => rejected, end: () => void (hasEnded = true) };
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}

function isConnection(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return [...QUERIES, "release"].every((method) => isMethod(Reflect.get(value, method)));
}

/** Replaces the methods that would release the connection. */
function ignoreRelease(callback?: unknown): Promise<void> {
  if (isMethod(callback)) queueMicrotask(() => callback());
  return Promise.resolve();
}

/** Returns the SQL of a query: a string, or an object that holds it. */
function readSql(query: unknown): string {
  if (typeof query === "string") return query;
  const sql = typeof query === "object" && query !== null && "sql" in query ? query.sql : "";
  return typeof sql === "string" ? sql : "";
}

/** Fails as the connection would: calls the callback, or returns a rejected promise that need not be awaited. */
function reject(error: Error, [query, ...rest]: unknown[], connection: object): unknown {
  const command = typeof query === "object" && query !== null && "onResult" in query ? query.onResult : query;
  const callback = [...rest, command].find(isMethod);
  if (callback !== undefined) {
    queueMicrotask(() => callback(error));
    return undefined;
  }
  // A stream of rows has neither a callback nor a promise.
  if (isMethod(Reflect.get(connection, "promise"))) throw error;
  const rejection = Promise.reject(error);
  rejection.catch(() => undefined);
  return rejection;
}

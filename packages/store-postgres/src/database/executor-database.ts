import { AsyncResource } from "node:async_hooks";

import { explainError } from "../errors.js";
import type { SqlExecutor, SqlQuery, SqlValue } from "../executors/sql-executor.js";
import { readFirstRow } from "../parse-result.js";
import {
  createEndedError,
  explainCommitError,
  explainIdleTimeout,
  findTransientError,
} from "./commit-errors.js";
import {
  type Database,
  type RunStatement,
  type Statement,
  type TransactionWork,
  UNEXPECTED_RESULT,
  assertRows,
} from "./database.js";
import { QUERY_TIMEOUT_MS } from "./pg-like.js";
import type { TransactionSettings } from "./run-transaction.js";

/** Identifies the open transaction: its connection, and when it began. Reads nothing, and needs no transaction id. */
const IDENTITY = "concat_ws(' ', pg_backend_pid(), extract(epoch FROM now())) AS identity";

/** The end of the work of a transaction, whatever its library makes of it. */
type Ending<Result> = { result: Result } | { error: unknown };

/** Opens the database of an executor. Its transactions lend the transaction of the executor's library. */
export function openExecutorDatabase<Tx>(
  executor: SqlExecutor<Tx>,
  settings: Omit<TransactionSettings, "onWarning">,
): Database<{ readonly tx: Tx }> {
  const toRunStatement =
    (query: SqlQuery): RunStatement =>
    async (text, values = [], { timeoutMs = QUERY_TIMEOUT_MS } = {}) => {
      try {
        return assertRows(await limitTime(query(text, values.map(toSqlValue)), timeoutMs));
      } catch (error) {
        throw explainError(error, settings.name);
      }
    };
  const begin =
    `SELECT ${IDENTITY}, set_config('synchronous_commit', 'on', true) AS synchronous_commit, ` +
    `set_config('statement_timeout', '${settings.statementTimeoutMs}', true) AS statement_timeout, ` +
    `set_config('idle_in_transaction_session_timeout', '${settings.idleTimeoutMs}', true) AS idle_timeout`;

  return {
    // Not in the async context of the caller: a library that keeps its transaction there would run the statement in it, and a
    // statement may carry the deliveries of others.
    query: AsyncResource.bind(toRunStatement(async (text, values) => executor.query(text, values))),
    async script(statements) {
      await executor.transaction(async (_tx, query) => {
        for (const statement of statements) await query(statement, []);
      });
    },
    async transaction<Result>(first: Statement, work: TransactionWork<{ tx: Tx }, Result>) {
      let ending: Ending<Result> | undefined;
      try {
        await executor.transaction(async (tx, query) => {
          const runStatement = toRunStatement(query);
          try {
            const identity = readIdentity(await runStatement(begin));
            const rows = await runStatement(first.text, first.values);
            const result = await work({ tx }, rows, runStatement);
            await assertUnbroken(identity, runStatement);
            ending = { result };
          } catch (error) {
            ending = { error };
            throw error;
          }
        });
      } catch (error) {
        // The error of the work is that of the transaction, whatever its library has made of it.
        const cause = ending !== undefined && "error" in ending ? ending.error : explainCommitError(error);
        throw findTransientError(cause) ?? findTransientError(error) ?? explainIdleTimeout(cause);
      }
      if (ending !== undefined && "result" in ending) return ending.result;
      throw new Error(
        "The executor has not run the transaction: it must call the work once, and reject if it rejects.",
      );
    },
  };
}

/**
 * Makes sure that the transaction can be committed: PostgreSQL replaces the COMMIT of an aborted one with a ROLLBACK, which few
 * libraries report.
 *
 * @throws {WebhookError} `handler_failed` if it was ended or aborted
 */
async function assertUnbroken(identity: string, runStatement: RunStatement): Promise<void> {
  const rows = await runStatement(`SELECT ${IDENTITY}`).catch((error: unknown) => {
    throw explainCommitError(error);
  });
  if (readIdentity(rows) !== identity) throw createEndedError();
}

/** @throws {Error} if it is not a string with two parts */
function readIdentity(rows: readonly unknown[]): string {
  const [identity] = readFirstRow(rows);
  if (identity?.includes(" ") === true) return identity;
  throw new Error(UNEXPECTED_RESULT);
}

/** Returns an array as the literal that PostgreSQL parses: libraries disagree on how to pass one. */
function toSqlValue(value: unknown): SqlValue {
  if (!Array.isArray(value)) return value as SqlValue;
  const items = value.map((item: string | number | null) =>
    item === null ? "NULL" : `"${String(item).replaceAll(/["\\]/g, String.raw`\$&`)}"`,
  );
  return `{${items.join()}}`;
}

/** @throws {Error} if the statement takes longer than the network should need, as after it has dropped the result */
async function limitTime<Result>(statement: Promise<Result>, ms: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `PostgreSQL has not answered within ${ms / 1000} seconds: check the network and the load of the server.`;
    timer = setTimeout(() => reject(new Error(message)), ms);
  });
  try {
    return await Promise.race([statement, late]);
  } finally {
    clearTimeout(timer);
  }
}

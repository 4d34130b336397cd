import { AsyncResource } from "node:async_hooks";

import { createEndedError, explainError, findTransientError, isLost, isReadOnly } from "../errors.js";
import type { SqlExecutor, SqlQuery, SqlResult } from "../executors/sql-executor.js";
import type { Database, WorkResult } from "./database.js";
import { UNEXPECTED_RESULT, readStrings } from "../parse-state.js";
import { type SessionSettings, openSession } from "./session.js";
import { createUnfinishedError } from "./unusable-connection.js";
import { limitTime } from "./limit-time.js";
import { repeatDeadlocks } from "./repeat-deadlocks.js";
import type { TableName } from "../table.js";

/** Settings of the transactions of an executor. */
interface ExecutorSettings extends SessionSettings {
  /** The table of the receipts, for error messages. */
  name: TableName;
}

/** The end of the work of a transaction, whatever its library makes of it. */
type Ending<Result> = { result: Result | undefined } | { error: unknown };

/** Opens the database of an executor. Its transactions lend the transaction of the executor's library. */
export function openExecutorDatabase<Tx>(
  executor: SqlExecutor<Tx>,
  settings: ExecutorSettings,
): Database<{ readonly tx: Tx }> {
  const toRun =
    (query: SqlQuery): SqlQuery =>
    async (sql) => {
      try {
        return assertResult(await limitTime(query(sql)));
      } catch (error) {
        throw explainError(error, settings.name);
      }
    };
  // Not in the async context of the caller: a library that keeps its transaction there would run the statement in it.
  const runAutocommit = repeatDeadlocks(AsyncResource.bind(toRun(async (sql) => executor.query(sql))));
  let checked: Promise<void> | undefined;

  /** Closes a connection that the library may lend to others, although it still has the settings and lock of a delivery. */
  const kill = async (id: string) => void (await runAutocommit(`KILL CONNECTION ${id}`));

  /** Runs the work between the statements that change and restore the connection. */
  const runInSession = async <Result>(
    lockName: string,
    query: SqlQuery,
    work: (run: SqlQuery) => Promise<WorkResult<Result>>,
  ): Promise<Result | undefined> => {
    const run = toRun(query);
    const session = await openSession(run, lockName, settings, toReadOnly).catch(async (error: unknown) => {
      // It may hold the lock all the same, as after a time limit.
      await run(`SELECT concat(release_lock(${lockName}), '') AS result`).catch(() => undefined);
      throw error;
    });
    if (session === undefined) return undefined;
    const end = () =>
      run(session.end).catch(async (error: unknown) => {
        if (!isLost(error)) await kill(session.id);
        throw error;
      });
    let ending: WorkResult<Result>;
    try {
      await run(session.begin);
      ending = await work(refuseAutocommit(run));
      if (ending.probe !== undefined) await complete(run, ending.probe);
    } catch (error) {
      await end().catch(() => undefined);
      throw error;
    }
    await end();
    return ending.result;
  };

  return {
    async autocommit(work) {
      await (checked ??= assertAutocommit(runAutocommit).catch((error: unknown) => {
        checked = undefined;
        throw error;
      }));
      return work(runAutocommit);
    },
    async transaction<Result>(
      lockName: string,
      work: (extras: { tx: Tx }, run: SqlQuery) => Promise<WorkResult<Result>>,
    ) {
      let ending: Ending<Result> | undefined;
      try {
        await executor.transaction(async (tx, query) => {
          try {
            ending = { result: await runInSession(lockName, query, async (run) => work({ tx }, run)) };
          } catch (error) {
            ending = { error };
            throw error;
          }
        });
      } catch (error) {
        // The error of the work is that of the transaction, whatever its library has made of it.
        const cause = ending !== undefined && "error" in ending ? ending.error : error;
        throw findTransientError(cause) ?? findTransientError(error) ?? cause;
      }
      if (ending !== undefined && "result" in ending) return ending.result;
      throw new Error(
        "The executor has not run the transaction: it must call the work once, and reject if it rejects.",
      );
    },
  };
}

/**
 * Makes later transactions of the connection read-only: if this one ends before its time, as after a deadlock whose error the
 * handler catches, nothing that follows is committed by itself. Unlike `autocommit`, it can be restored without a commit.
 */
function toReadOnly(version: string): readonly [variable: string, value: number] {
  const isOld = /^(?:10\.|11\.0\.).*MariaDB/.test(version);
  return [isOld ? "tx_read_only" : "transaction_read_only", 1];
}

/** Explains the error of a statement that is not in the transaction: the settings allow it to read only. */
function refuseAutocommit(run: SqlQuery): SqlQuery {
  return async (sql) => {
    try {
      return await run(sql);
    } catch (cause) {
      if (!isReadOnly(cause)) throw cause;
      throw new Error(
        "The executor has not begun a transaction that can write: its transaction() must begin one, and run all statements of the work in it.",
        { cause },
      );
    }
  };
}

/** Completes the receipt. @throws {WebhookError} `handler_failed` if it is not in the transaction that is open now */
async function complete(run: SqlQuery, probe: string): Promise<void> {
  const { affectedRows } = await run(probe).catch((error: unknown) => {
    throw isReadOnly(error) ? createEndedError() : error;
  });
  if (affectedRows !== 1) throw createEndedError();
}

/** @throws {Error} if statements outside of transactions are not committed */
async function assertAutocommit(run: SqlQuery): Promise<void> {
  const { rows } = await run("SELECT concat(@@SESSION.autocommit + 0) AS result");
  if (readStrings(rows)[0] !== "1") throw createUnfinishedError();
}

/** @throws {Error} if it is something else, which must never pass for a receipt */
function assertResult(result: unknown): SqlResult {
  const { rows, affectedRows } = (result ?? {}) as Partial<SqlResult>;
  if (Array.isArray(rows) && typeof affectedRows === "number") return { rows, affectedRows };
  throw new Error(UNEXPECTED_RESULT);
}

import type { SqlQuery } from "../executors/sql-executor.js";
import { UNEXPECTED_RESULT, readStrings } from "../parse-state.js";

/** Time limits of a transaction; 0 for those of the connection. */
export interface SessionSettings {
  statementTimeoutMs: number;
  idleTimeoutMs: number;
}

/** The statements around the work of a transaction. */
export interface Session {
  /** The number of the connection. */
  id: string;
  /** Changes the settings of the connection. */
  begin: string;
  /** Restores the settings of the connection and releases the lock. */
  end: string;
}

/** A variable of a session, and its value for the time of a transaction. */
type Assignment = readonly [variable: string, value: number];

/**
 * Takes the lock of a delivery.
 *
 * @param lockName an expression, the name of the lock
 * @param toGuard returns the setting that keeps what follows the end of the transaction from being committed by itself
 * @returns `undefined` if another connection holds the lock
 */
export async function openSession(
  run: SqlQuery,
  lockName: string,
  { statementTimeoutMs, idleTimeoutMs }: SessionSettings,
  toGuard: (version: string) => Assignment,
): Promise<Session | undefined> {
  const { rows } = await run(
    `SELECT concat_ws(' ', coalesce(get_lock(${lockName}, 0), 0), ${lockName}, connection_id(), version()) AS result`,
  );
  const [, held, name, id, version] =
    /^([01]) ([0-9a-f]{64}) (\d+) (.+)$/.exec(readStrings(rows)[0] ?? "") ?? [];
  if (id === undefined || version === undefined) throw new Error(UNEXPECTED_RESULT);
  if (held !== "1") return undefined;

  const toSeconds = (ms: number) => Math.ceil(ms / 1000);
  const limit: Assignment = version.includes("MariaDB")
    ? ["max_statement_time", statementTimeoutMs / 1000]
    : ["max_execution_time", statementTimeoutMs];
  const variables: Assignment[] = [
    toGuard(version),
    ...(idleTimeoutMs === 0 ? [] : [["wait_timeout", toSeconds(idleTimeoutMs)] as const]),
    ...(statementTimeoutMs === 0
      ? []
      : [["innodb_lock_wait_timeout", toSeconds(statementTimeoutMs)] as const, limit]),
  ];
  const saved = variables.map(([variable]) => `@ahasend_${variable} = @@SESSION.${variable}`);
  const changed = variables.map(([variable, value]) => `SESSION ${variable} = ${value}`);
  const restored = variables.map(([variable]) => `SESSION ${variable} = @ahasend_${variable}`);
  return {
    id,
    begin: `SET ${[...saved, ...changed].join(", ")}`,
    end: `SET ${[...restored, `@ahasend_lock = release_lock('${name}')`].join(", ")}`,
  };
}

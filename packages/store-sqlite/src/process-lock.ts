import { statSync } from "node:fs";

import { explainError, readMessage } from "./errors.js";
import type { SqliteLike, SqliteRow } from "./sqlite-like.js";

const ALIAS = "ahasend_inbox_lock";

/** The lock of a database. */
export interface ProcessLock {
  /** @throws {Error} if another process has taken it since */
  assertHeld(): void;
}

/** A database in memory belongs to its process. */
const NO_FILE: ProcessLock = { assertHeld: () => undefined };

/**
 * Keeps other processes away from a database until the connection closes or the process ends, however it ends: a second
 * database beside the file, which this connection holds locked. A database in memory needs no lock.
 *
 * @throws {Error} if another process, or another connection of this one, has the lock
 */
export function acquireProcessLock(db: SqliteLike): ProcessLock {
  const databases = db.prepare("PRAGMA database_list").all() as SqliteRow[];
  const file = databases.find(({ name }) => name === "main")?.["file"];
  if (typeof file !== "string" || file === "") return NO_FILE;
  const path = `${file}-lock`;
  if (databases.some(({ name }) => name === ALIAS)) return createLock(file, path);
  try {
    db.prepare(`ATTACH ? AS ${ALIAS}`).run(path);
    // Nothing is ever kept in it: only the lock counts.
    db.prepare(`PRAGMA ${ALIAS}.journal_mode = MEMORY`).all();
    db.exec(`PRAGMA ${ALIAS}.synchronous = OFF`);
    db.prepare(`PRAGMA ${ALIAS}.locking_mode = EXCLUSIVE`).all();
    // From the first write on, the lock is held past the end of the transaction.
    db.exec(`CREATE TABLE IF NOT EXISTS ${ALIAS}.lock (held); DELETE FROM ${ALIAS}.lock`);
    db.exec(`INSERT INTO ${ALIAS}.lock VALUES (1)`);
    return createLock(file, path);
  } catch (error) {
    releaseProcessLock(db);
    if (!/is locked|is busy/.test(readMessage(error))) throw explainError(error);
    throw new Error(
      `${file} is the inbox of another process, or of another connection of this one: let one process use it, with one connection for all its inboxes; for several processes use an inbox on a database server.`,
      { cause: error },
    );
  }
}

/**
 * The system ends all locks of a process on a file when the process closes it anywhere, such as after reading it. Whoever has the
 * lock writes to the file, and nobody else.
 */
function createLock(file: string, path: string): ProcessLock {
  const readTime = () => statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  const acquiredAt = readTime();
  return {
    assertHeld() {
      const time = readTime();
      if (time === undefined || time === acquiredAt) return;
      throw new Error(
        `${file} has become the inbox of another process, so that this one handles nothing more: end one of them. Reading or copying the files of the database in this process has ended its lock: copy a database with VACUUM INTO.`,
      );
    },
  };
}

/** Releases the lock, if it is held. Never throws: it ends with the connection at the latest. */
export function releaseProcessLock(db: SqliteLike): void {
  try {
    db.exec(`DETACH ${ALIAS}`);
  } catch {
    // It is not attached, the connection is closed, or a transaction is open on it.
  }
}

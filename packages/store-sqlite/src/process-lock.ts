import { explainError, readMessage } from "./errors.js";
import type { SqliteLike, SqliteRow } from "./sqlite-like.js";

const ALIAS = "ahasend_inbox_lock";

/**
 * Keeps other processes away from a database until the connection closes or the process ends, however it ends: a second
 * database beside the file, which this connection holds locked. A database in memory needs no lock.
 *
 * @throws {Error} if another process, or another connection of this one, has the lock
 */
export function acquireProcessLock(db: SqliteLike): void {
  const databases = db.prepare("PRAGMA database_list").all() as SqliteRow[];
  const file = databases.find(({ name }) => name === "main")?.["file"];
  if (typeof file !== "string" || file === "") return;
  if (databases.some(({ name }) => name === ALIAS)) return;
  try {
    db.prepare(`ATTACH ? AS ${ALIAS}`).run(`${file}-lock`);
    // Nothing is ever kept in it: only the lock counts.
    db.prepare(`PRAGMA ${ALIAS}.journal_mode = MEMORY`).all();
    db.exec(`PRAGMA ${ALIAS}.synchronous = OFF`);
    db.prepare(`PRAGMA ${ALIAS}.locking_mode = EXCLUSIVE`).all();
    // From the first write on, the lock is held past the end of the transaction.
    db.exec(`CREATE TABLE IF NOT EXISTS ${ALIAS}.lock (held); DELETE FROM ${ALIAS}.lock`);
    db.exec(`INSERT INTO ${ALIAS}.lock VALUES (1)`);
  } catch (error) {
    releaseProcessLock(db);
    if (!/is locked|is busy/.test(readMessage(error))) throw explainError(error);
    throw new Error(
      `${file} is the inbox of another process, or of another connection of this one: let one process use it, with one connection for all its inboxes; for several processes use an inbox on a database server.`,
      { cause: error },
    );
  }
}

/** Releases the lock, if it is held. Never throws: it ends with the connection at the latest. */
export function releaseProcessLock(db: SqliteLike): void {
  try {
    db.exec(`DETACH ${ALIAS}`);
  } catch {
    // It is not attached, the connection is closed, or a transaction is open on it.
  }
}

import { explainError } from "./errors.js";
import { LogFlusher } from "./log-flusher.js";
import { acquireProcessLock, releaseProcessLock } from "./process-lock.js";
import {
  type SqliteLike,
  type SqliteRow,
  type SqliteStatementLike,
  type SqliteValue,
  toNumber,
} from "./sqlite-like.js";

/** Work in a transaction. It may run again if it, or work of others in the same transaction, fails. */
type Job = () => unknown;

interface QueuedJob {
  job: Job;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** The process stands still meanwhile, so it is short; on most disks a transaction takes a few milliseconds. */
const BUSY_TIMEOUT_MS = 250;

/**
 * Pages in the log before SQLite moves them into the database, 16 MB. The ids of deliveries arrive in no order, so that each changes
 * another page of their index: the longer the log, the more of them are moved once instead of several times.
 */
const CHECKPOINT_PAGES = 4000;
/** The default of SQLite: anything else is the user's decision. */
const SQLITE_CHECKPOINT_PAGES = 1000;

const connections = new WeakMap<SqliteLike, SqliteConnection>();

/**
 * Everything that the inboxes and stores on one connection share. All that they write in one turn of the event loop is one
 * transaction, and what is committed while the disk is busy shares its next flush.
 */
export class SqliteConnection {
  /** The tables of inboxes that hand out deliveries. */
  readonly workedTables = new Set<string>();
  readonly #db: SqliteLike;
  /** Flushes what was committed; without it, every commit waits for the disk. */
  #log: LogFlusher | undefined;
  #queue: QueuedJob[] = [];
  #inboxes = 0;

  private constructor(db: SqliteLike) {
    this.#db = db;
  }

  /** Returns the one of a database, which is in WAL mode then. @throws {Error} */
  static of(db: SqliteLike): SqliteConnection {
    const connection = connections.get(db) ?? new SqliteConnection(db);
    // Also of a known one, which may have been closed and opened again.
    connection.#makeDurable();
    connections.set(db, connection);
    return connection;
  }

  /** Runs statements at once. @throws {Error} that says what to do, if that is known */
  exec(sql: string): void {
    explained(() => this.#db.exec(sql));
  }

  prepare(sql: string): SqliteStatementLike {
    return explained(() => this.#db.prepare(sql));
  }

  /** Reads at once. */
  read(statement: SqliteStatementLike, ...values: SqliteValue[]): SqliteRow[] {
    return explained(() => statement.all(...values) as SqliteRow[]);
  }

  /** Does some work in the transaction of this turn of the event loop. Resolves when it is on the disk. */
  write<Result>(job: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#commit());
      this.#queue.push({ job, resolve: (result) => resolve(result as Result), reject });
    });
  }

  /** Does some work in a transaction of its own, now; it may be lost if the machine loses its power. @throws {Error} */
  writeNow(job: () => void): void {
    const failure = this.#transact([job]).error;
    if (failure !== undefined) throw failure;
  }

  /** Keeps other processes away, until as many inboxes have left as have joined. @throws {Error} */
  joinInbox(): void {
    acquireProcessLock(this.#db);
    this.#inboxes += 1;
  }

  leaveInbox(): void {
    this.#inboxes -= 1;
    if (this.#inboxes === 0) releaseProcessLock(this.#db);
  }

  #makeDurable(): void {
    const [row] = this.read(this.prepare("PRAGMA main.journal_mode = WAL"));
    const mode = row?.["journal_mode"];
    if (mode !== "wal" && mode !== "memory") {
      throw new Error(
        `SQLite cannot keep the file in WAL mode (it is in mode ${String(mode)}): put it on a local disk, not on a network.`,
      );
    }
    // The first read creates the log.
    this.read(this.prepare("SELECT count(*) FROM main.sqlite_master"));
    const [main] = this.read(this.prepare("PRAGMA database_list"));
    this.#log = LogFlusher.find(String(main?.["file"]), () => this.#isOpen());
    this.exec(`PRAGMA main.synchronous = ${this.#log === undefined ? "FULL" : "NORMAL"}`);
    const [checkpoint] = this.read(this.prepare("PRAGMA main.wal_autocheckpoint"));
    if (toNumber(checkpoint?.["wal_autocheckpoint"] ?? 0) === SQLITE_CHECKPOINT_PAGES) {
      this.exec(`PRAGMA main.wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    }
    const [busy] = this.read(this.prepare("PRAGMA busy_timeout"));
    // Another process may be replaying dead letters at this moment.
    if (toNumber(busy?.["timeout"] ?? 0) === 0) this.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }

  #isOpen(): boolean {
    try {
      return this.#db.prepare("SELECT 1").all().length > 0;
    } catch {
      return false;
    }
  }

  #commit(): void {
    const queue = this.#queue;
    this.#queue = [];
    const { results, error, isBegun } = this.#transact(queue.map(({ job }) => job));
    if (error === undefined) this.#settle(queue, results);
    else if (isBegun && queue.length > 1) for (const queued of queue) this.#commitAlone(queued);
    else for (const { reject } of queue) reject(error);
  }

  /** One job that fails, such as a body that no longer fits on the disk, must not fail the others. */
  #commitAlone(queued: QueuedJob): void {
    const { results, error } = this.#transact([queued.job]);
    if (error === undefined) this.#settle([queued], results);
    else queued.reject(error);
  }

  /** Settles jobs that are committed, when they are on the disk. */
  #settle(jobs: readonly QueuedJob[], results: readonly unknown[]): void {
    const resolveAll = () => jobs.forEach(({ resolve }, index) => resolve(results[index]));
    if (this.#log === undefined) return resolveAll();
    this.#log.flush().then(resolveAll, (error: unknown) => {
      for (const { reject } of jobs) reject(explainError(error));
    });
  }

  #transact(jobs: readonly Job[]): { results: unknown[]; error?: unknown; isBegun: boolean } {
    let isBegun = false;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      isBegun = true;
      const results = jobs.map((job) => job());
      this.#db.exec("COMMIT");
      return { results, isBegun };
    } catch (error) {
      // A transaction that is not ours must stay open.
      if (isBegun) this.#rollBack();
      return { results: [], error: explainError(error), isBegun };
    }
  }

  #rollBack(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // SQLite has already rolled it back, as it does when the disk is full.
    }
  }
}

function explained<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw explainError(error);
  }
}

import { closeSync, existsSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";

const flushToDisk = promisify(fdatasync);

/**
 * Flushes the write-ahead log of a database to the disk, in the thread pool: the process receives further deliveries
 * meanwhile. SQLite itself flushes it before it reuses it, so a log that was deleted has been written to the database.
 *
 * Source: https://www.sqlite.org/wal.html, "Checkpointing", and `PRAGMA synchronous`
 */
export class LogFlusher {
  readonly #path: string;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Returns the one of a database file in WAL mode; `undefined` if its log is not beside it. */
  static find(databasePath: string): LogFlusher | undefined {
    const path = `${databasePath}-wal`;
    return existsSync(path) ? new LogFlusher(path) : undefined;
  }

  /** Resolves when everything that was committed before the call is on the disk. @throws {Error} of the file system */
  flush(): Promise<void> {
    // Of a flush that has begun it is not known what it includes.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#running = flushFile(this.#path);
        this.#next = undefined;
        return this.#running;
      });
    return this.#next;
  }
}

async function flushFile(path: string): Promise<void> {
  let file: number;
  try {
    // Not in the thread pool: the way there takes longer than opening a file that SQLite has open.
    file = openSync(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    await flushToDisk(file);
  } finally {
    closeSync(file);
  }
}

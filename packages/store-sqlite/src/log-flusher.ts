import { closeSync, fdatasync, fstatSync, openSync, statSync } from "node:fs";
import { promisify } from "node:util";

const flushToDisk = promisify(fdatasync);

/**
 * Flushes the write-ahead log of a database to the disk, in the thread pool: the process receives further deliveries
 * meanwhile. SQLite itself flushes it before it reuses it.
 *
 * Source: https://www.sqlite.org/wal.html, "Checkpointing", and `PRAGMA synchronous`
 */
export class LogFlusher {
  readonly #database: string;
  readonly #log: string;
  /** Identify the files that the connection writes to. */
  readonly #databaseInode: number | undefined;
  readonly #logInode: number;
  readonly #isOpen: () => boolean;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(database: string, log: string, logInode: number, isOpen: () => boolean) {
    this.#database = database;
    this.#log = log;
    this.#databaseInode = readInode(database);
    this.#logInode = logInode;
    this.#isOpen = isOpen;
  }

  /**
   * Returns the one of a database file in WAL mode; `undefined` if its log is not beside it.
   *
   * @param isOpen whether the connection is open
   */
  static find(databasePath: string, isOpen: () => boolean): LogFlusher | undefined {
    const log = `${databasePath}-wal`;
    const inode = readInode(log);
    return inode === undefined ? undefined : new LogFlusher(databasePath, log, inode, isOpen);
  }

  /** Resolves when everything that was committed before the call is on the disk. @throws {Error} of the file system */
  flush(): Promise<void> {
    // Of a flush that has begun it is not known what it includes.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#running = this.#flushFile();
        this.#next = undefined;
        return this.#running;
      });
    return this.#next;
  }

  async #flushFile(): Promise<void> {
    // Not in the thread pool: the way there takes longer than opening a file that SQLite has open.
    const file = this.#openLog();
    if (file === undefined) return;
    try {
      await flushToDisk(file);
    } finally {
      closeSync(file);
    }
  }

  /** Returns the log; `undefined` if the connection has been closed. @throws {Error} if a file is that of nobody any more */
  #openLog(): number | undefined {
    const isReplaced = readInode(this.#database) !== this.#databaseInode;
    const file = isReplaced ? undefined : openFile(this.#log, this.#logInode);
    if (file !== undefined) return file;
    // SQLite deletes the log when the last connection is closed, after it has written and flushed the database.
    if (!this.#isOpen()) return undefined;
    throw new Error(
      `${isReplaced ? this.#database : this.#log} was deleted or replaced while the database was open, so that nothing can be kept: restart the process. Reading or copying the files of the database in this process ends its locks, and another process may then delete them: copy a database with VACUUM INTO.`,
    );
  }
}

function readInode(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Opens a file, unless another one or none has its name. @throws {Error} of the file system */
function openFile(path: string, inode: number): number | undefined {
  if (readInode(path) === undefined) return undefined;
  const file = openSync(path, "r+");
  if (fstatSync(file).ino === inode) return file;
  closeSync(file);
  return undefined;
}

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

import { EmulatorError } from "../errors.js";
import { lock } from "./lock.js";
import { readStateFile } from "./read-state-file.js";

/** Entries that are kept from one run of the process to the next. */
export interface State {
  entries(): Iterable<[key: string, value: unknown]>;
  /** Starts to write: until then the file is not changed. @throws {EmulatorError} `state_unusable` */
  start(): void;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  close(): void;
}

/** A state that keeps nothing. */
export const noState: State = {
  entries: () => [],
  start: () => undefined,
  set: () => undefined,
  delete: () => undefined,
  close: () => undefined,
};

/** Bytes that may be appended before the file is rewritten. */
const MIN_APPENDED_BYTES = 4_000_000;
/** Pause before writing is tried again after an error. */
const RECOVER_AFTER_MS = 1000;

/**
 * A map in a file: every change appends a line, `[key, value]` or `[key]` for a deletion. Written lines survive the death
 * of the process at any moment. The file belongs to one process at a time. It has secrets, so only its owner can read it.
 * A file that is not valid is never written to.
 *
 * If the disk is full later, the emulator continues with a warning, and rewrites the file when there is space again.
 *
 * @throws {EmulatorError} `state_unusable`
 */
export class StateFile implements State {
  readonly #path: string;
  readonly #onWarning: (message: string) => void;
  readonly #unlock: () => void;
  readonly #values: Map<string, unknown>;
  /** Time of the last write error: the file lacks the changes since. */
  #failedAt: number | undefined;
  #file = -1;
  #isClosed = false;
  #writtenBytes = 0;
  #compactAtBytes = 0;

  constructor(path: string, onWarning: (message: string) => void) {
    this.#path = path;
    this.#onWarning = onWarning;
    this.#unlock = lock(path);
    try {
      this.#values = readStateFile(path);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  start(): void {
    try {
      this.#compact();
    } catch (cause) {
      const { code = "failed" } = cause as NodeJS.ErrnoException;
      const message = `${this.#path} cannot be written (${code}): free space, or pass a path in a folder that is writable.`;
      throw new EmulatorError("state_unusable", message, { cause });
    }
  }

  entries(): Iterable<[string, unknown]> {
    return this.#values;
  }

  set(key: string, value: unknown): void {
    this.#values.set(key, value);
    this.#append([key, value]);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#append([key]);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#file !== -1) {
      if (this.#failedAt !== undefined) this.#recover();
      closeSync(this.#file);
      this.#file = -1;
    }
    this.#unlock();
  }

  #append(line: readonly unknown[]): void {
    if (this.#file === -1) return;
    if (this.#failedAt !== undefined) {
      if (performance.now() - this.#failedAt >= RECOVER_AFTER_MS) this.#recover();
      return;
    }
    try {
      this.#writtenBytes += writeLine(this.#file, line);
      if (this.#writtenBytes > this.#compactAtBytes) this.#compact();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Writes all entries, including those missed since the error. */
  #recover(): void {
    try {
      this.#compact();
      this.#failedAt = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failedAt === undefined) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#onWarning(
        `${this.#path} cannot be written (${reason}): free space, or changes will be missing after the next start.`,
      );
    }
    this.#failedAt = performance.now();
  }

  /** Writes the current entries to a new file, and replaces the old one with it. */
  #compact(): void {
    const path = `${this.#path}.new`;
    rmSync(path, { force: true });
    const file = openSync(path, "wx", 0o600);
    let bytes = 0;
    try {
      for (const entry of this.#values) bytes += writeLine(file, entry);
      fsyncSync(file);
      renameSync(path, this.#path);
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
    if (this.#file !== -1) closeSync(this.#file);
    this.#file = file;
    this.#writtenBytes = bytes;
    this.#compactAtBytes = 2 * bytes + MIN_APPENDED_BYTES;
  }
}

function writeLine(file: number, line: readonly unknown[]): number {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
  return bytes.length;
}

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

import { EmulatorError } from "../errors.js";
import { lock } from "./lock.js";
import { readStateFile } from "./read-state-file.js";

/** What is kept from one run of the process to the next. */
export interface State {
  entries(): Iterable<[key: string, value: unknown]>;
  /** Begins to write: until then the file stays as it was found. @throws {EmulatorError} `state_unusable` */
  start(): void;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  close(): void;
}

/** Keeps nothing. */
export const noState: State = {
  entries: () => [],
  start: () => undefined,
  set: () => undefined,
  delete: () => undefined,
  close: () => undefined,
};

/** What may be appended before the file is written anew. */
const MIN_APPENDED_BYTES = 4_000_000;
/** How long a file that could not be written is left alone. */
const RECOVER_AFTER_MS = 1000;

/**
 * A map in a file: every change is a line that is appended, `[key, value]` or `[key]` for a deletion. What was
 * written survives the death of the process at any moment. It belongs to one process at a time, and holds secrets:
 * only its owner can read it. A file that is not understood is never written to.
 *
 * A disk that is full later stops nothing: it is warned of, and the file is written anew when there is room again.
 *
 * @throws {EmulatorError} `state_unusable`
 */
export class StateFile implements State {
  readonly #path: string;
  readonly #onWarning: (message: string) => void;
  readonly #unlock: () => void;
  readonly #values: Map<string, unknown>;
  /** When it could not be written: from then on it lacks what has changed. */
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
      const message = `${this.#path} cannot be written (${code}): free space, or pass a path in a folder that is yours.`;
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

  /** Writes all that counts, also what was missed while the file could not be written. */
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
        `${this.#path} cannot be written (${reason}): free space, or the next start will miss what is new.`,
      );
    }
    this.#failedAt = performance.now();
  }

  /** Writes what counts to a new file that then takes the place of the old one. */
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

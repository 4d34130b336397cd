import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

import { EmulatorError } from "./errors.js";

/** What is kept from one run of the process to the next. */
export interface State {
  entries(): Iterable<[key: string, value: unknown]>;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  close(): void;
}

/** Keeps nothing. */
export const noState: State = {
  entries: () => [],
  set: () => undefined,
  delete: () => undefined,
  close: () => undefined,
};

/** What may be appended before the file is written anew. */
const MIN_APPENDED_BYTES = 4_000_000;

/**
 * A map in a file: every change is a line that is appended, `[key, value]` or `[key]` for a deletion. What was
 * written survives the death of the process at any moment. It belongs to one process at a time, and holds secrets:
 * only its owner can read it.
 *
 * @throws {EmulatorError} `state_unusable`
 */
export class StateFile implements State {
  readonly #path: string;
  readonly #values: Map<string, unknown>;
  #file = -1;
  #writtenBytes = 0;
  #compactAtBytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#values = readValues(path);
    this.#compact();
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
    if (this.#file !== -1) closeSync(this.#file);
    this.#file = -1;
  }

  #append(line: readonly unknown[]): void {
    if (this.#file === -1) return;
    this.#writtenBytes += writeLine(this.#file, line);
    if (this.#writtenBytes > this.#compactAtBytes) this.#compact();
  }

  /** Writes what counts to a new file that then takes the place of the old one. */
  #compact(): void {
    const path = `${this.#path}.new`;
    const file = open(path);
    let bytes = 0;
    for (const entry of this.#values) bytes += writeLine(file, entry);
    fsyncSync(file);
    renameSync(path, this.#path);
    this.close();
    this.#file = file;
    this.#writtenBytes = bytes;
    this.#compactAtBytes = 2 * bytes + MIN_APPENDED_BYTES;
  }
}

function open(path: string): number {
  try {
    return openSync(path, "w", 0o600);
  } catch (cause) {
    const message = `${path} cannot be written: give a path in a folder that exists and is yours.`;
    throw new EmulatorError("state_unusable", message, { cause });
  }
}

function writeLine(file: number, line: readonly unknown[]): number {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
  return bytes.length;
}

function readValues(path: string): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  // The process may have died while it wrote: what comes after the last line break is incomplete.
  for (const [index, line] of lines.slice(0, -1).entries()) {
    try {
      const [key, ...value] = JSON.parse(line) as [string, unknown?];
      if (typeof key !== "string") throw new TypeError("no key");
      if (value.length === 0) values.delete(key);
      else values.set(key, value[0]);
    } catch (cause) {
      throw new EmulatorError(
        "state_unusable",
        `Line ${index + 1} of ${path} is none of an emulator's state: give another file, or delete it.`,
        { cause },
      );
    }
  }
  return values;
}

import { type FileHandle, appendFile, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

import type { Entry } from "./desk.js";

/** An append-only file of JSON lines: what is in it survives a restart. Several processes may write to it. */
export class Journal {
  readonly #path: string;
  /** How many bytes have been read. */
  #position = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(path: string): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, "");
    return new Journal(path);
  }

  async append(entry: Entry): Promise<void> {
    // A crash can leave half a line: an entry that was never acknowledged, and must not spoil the next one.
    await appendFile(this.#path, `\n${JSON.stringify(entry)}\n`, { flush: true });
  }

  /** The entries that have been written, by this process or another, since the last call. */
  async read(): Promise<Entry[]> {
    const file = await open(this.#path);
    try {
      const text = await this.#readLines(file);
      return text.split("\n").flatMap(parseLine);
    } finally {
      await file.close();
    }
  }

  async #readLines(file: FileHandle): Promise<string> {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(size - this.#position, 0));
    await file.read(bytes, 0, bytes.length, this.#position);
    const complete = bytes.subarray(0, bytes.lastIndexOf("\n") + 1);
    this.#position += complete.length;
    return complete.toString();
  }
}

function parseLine(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}

import { type FileHandle, appendFile, mkdir, open } from "node:fs/promises";
import { join } from "node:path";

import type { RecordedEntry } from "../entries.js";
import type { Journal } from "./journal.js";

/** An append-only file of JSON lines that survives a restart. Several processes may write to it. */
export class FileJournal implements Journal {
  readonly #path: string;
  /** Number of bytes read so far. */
  #position = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(dataDir: string): Promise<FileJournal> {
    await mkdir(dataDir, { recursive: true });
    const path = join(dataDir, "journal.jsonl");
    await appendFile(path, "");
    return new FileJournal(path);
  }

  async append(entry: RecordedEntry): Promise<void> {
    // A crash can leave half a line, an entry that was never acknowledged: it must not corrupt the next one.
    await appendFile(this.#path, `\n${JSON.stringify(entry)}\n`, { flush: true });
  }

  async read(): Promise<RecordedEntry[]> {
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

function parseLine(line: string): RecordedEntry[] {
  try {
    return [JSON.parse(line) as RecordedEntry];
  } catch {
    return [];
  }
}

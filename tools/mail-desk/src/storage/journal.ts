import type { RecordedEntry } from "../entries.js";

/** An append-only list of entries that survives a restart. */
export interface Journal {
  /** Resolves when the entry is on the disk. */
  append(entry: RecordedEntry): Promise<void>;
  /** Returns the entries written since the last call, by this process or another, in their order. */
  read(): Promise<RecordedEntry[]>;
}

import { MemoryStore } from "@ahasend-webhooks/core";

import { FileEntries } from "./file-entries.js";
import type { Storage } from "./storage.js";

/** Opens a storage for one process: receipts in memory, entries in a file. */
export async function openMemory(dataDir: string): Promise<Storage> {
  const entries = await FileEntries.open(dataDir);
  return { name: "memory", entries, store: new MemoryStore(), close: () => undefined };
}

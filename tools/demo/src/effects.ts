import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import type { RecordedEntry } from "@ahasend-webhooks/mail-desk";

/** Reads the effects of an app from its journal and inbox, not from its log. */
export class Effects {
  readonly #dataDir: string;
  #read = 0;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Returns the effects since the last call, in words. */
  next(): string[] {
    const added = this.#readEntries().slice(this.#read);
    this.#read += added.length;
    return added.map((entry) => this.#describe(entry));
  }

  /** Returns all recipients that the app has suppressed. */
  readRecipients(): Set<string> {
    return new Set(
      this.#readEntries().flatMap((entry) => (entry.kind === "suppressed" ? [entry.recipient] : [])),
    );
  }

  #readEntries(): RecordedEntry[] {
    const text = readFileSync(join(this.#dataDir, "journal.jsonl"), { encoding: "utf8", flag: "a+" });
    // The last line is not complete while it is being written.
    const lines = text.split("\n").slice(0, -1);
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as RecordedEntry);
  }

  #describe(entry: RecordedEntry): string {
    switch (entry.kind) {
      case "suppressed":
        return `suppressed ${entry.recipient}`;
      case "opened":
        return `counted an open by ${entry.by === "unknown" ? "somebody" : `a ${entry.by}`}`;
      case "mail": {
        const { attachments, folder } = entry;
        const plural = attachments === 1 ? "" : "s";
        return `stored mail with ${attachments} attachment${plural} (${formatBytes(this.#countBytes(folder))})`;
      }
      default:
        return `counted ${entry.type}`;
    }
  }

  #countBytes(folder: string): number {
    const path = join(this.#dataDir, "inbox", folder);
    const files = readdirSync(path).filter((name) => name !== "message.json");
    return files.reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  }
}

function formatBytes(bytes: number): string {
  return bytes < 100_000 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { readDeskEntries } from "@ahasend-webhooks/harness/desk-entries";
import type { RecordedEntry } from "@ahasend-webhooks/mail-desk";

/** Reads the effects of an app from where it keeps its entries and mail, not from its log. */
export class Effects {
  readonly #dataDir: string;
  readonly #databaseUrl: string | undefined;
  #read = 0;

  private constructor(dataDir: string, databaseUrl: string | undefined) {
    this.#dataDir = dataDir;
    this.#databaseUrl = databaseUrl;
  }

  /** Skips the effects of earlier runs, which a database still has. */
  static async open(dataDir: string, databaseUrl: string | undefined): Promise<Effects> {
    const effects = new Effects(dataDir, databaseUrl);
    effects.#read = (await effects.#readEntries()).length;
    return effects;
  }

  /** Returns the effects of a delivery since the last call, in words. A database may have others beside them. */
  async next(deliveryId: string): Promise<string[]> {
    const added = (await this.#readEntries()).slice(this.#read);
    this.#read += added.length;
    return added.filter((entry) => entry.deliveryId === deliveryId).map((entry) => this.#describe(entry));
  }

  /** Returns all recipients that the app has suppressed. */
  async readRecipients(): Promise<Set<string>> {
    const entries = await this.#readEntries();
    return new Set(entries.flatMap((entry) => (entry.kind === "suppressed" ? [entry.recipient] : [])));
  }

  async #readEntries(): Promise<RecordedEntry[]> {
    return (await readDeskEntries(this.#dataDir, this.#databaseUrl)) as RecordedEntry[];
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

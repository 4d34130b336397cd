import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A line of the journal that the example apps keep. */
interface Entry {
  kind: string;
  recipient?: string;
  by?: string;
  folder?: string;
  attachments?: number;
  type?: string;
}

/** Reads what an app has done from the journal and the inbox it keeps, not from what it says. */
export class Effects {
  readonly #dataDir: string;
  #read = 0;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** What has been added since the last call, in words. */
  next(): string[] {
    const lines = readFileSync(join(this.#dataDir, "journal.jsonl"), { encoding: "utf8", flag: "a+" }).split(
      "\n",
    );
    const added = lines.slice(this.#read, -1);
    this.#read += added.length;
    return added.filter((line) => line !== "").map((line) => this.#describe(JSON.parse(line) as Entry));
  }

  #describe({ kind, recipient, by, folder = "", attachments = 0, type }: Entry): string {
    if (kind === "suppressed") return `suppressed ${recipient}`;
    if (kind === "opened") return `counted an open by ${by === "unknown" ? "somebody" : `a ${by}`}`;
    if (kind === "other") return `counted ${type}`;
    const plural = attachments === 1 ? "" : "s";
    return `stored mail with ${attachments} attachment${plural} (${inWords(this.#bytesOf(folder))})`;
  }

  #bytesOf(folder: string): number {
    const path = join(this.#dataDir, "inbox", folder);
    const files = readdirSync(path).filter((name) => name !== "message.json");
    return files.reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  }
}

function inWords(bytes: number): string {
  return bytes < 100_000 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}

import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";

/** One thing that happened, as a line of the journal. */
export type Entry =
  | { kind: "suppressed"; recipient: string; reason: string; at: string; until?: string }
  | { kind: "opened"; by: "human" | "bot" | "unknown" }
  | { kind: "mail"; folder: string; from: string; subject: string; attachments: number; at: string }
  | { kind: "other"; type: string };

/** An append-only file of JSON lines: what is in it survives a restart. */
export class Journal {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens a journal and reads what is in it. */
  static async open(path: string): Promise<{ journal: Journal; entries: Entry[] }> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    // A crash can leave half a line at the end: that entry was never acknowledged.
    const complete = text.slice(0, text.lastIndexOf("\n") + 1);
    if (complete.length < text.length) await appendFile(path, "\n");
    const entries = complete.split("\n").flatMap((line) => parseLine(line));
    return { journal: new Journal(path), entries };
  }

  async append(entry: Entry): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(entry)}\n`, { flush: true });
  }
}

function parseLine(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}

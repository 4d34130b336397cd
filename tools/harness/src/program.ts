import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** One JSON line of a program's log. */
export type LogLine = { msg: string } & Record<string, unknown>;

/** A program that runs as its own process and logs JSON lines. */
export class Program {
  readonly log: LogLine[] = [];
  /** Everything written to standard error. */
  errors = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #running = true;
  #wake: (() => void)[] = [];

  private constructor(path: string, env: Record<string, string>) {
    const child = spawn(process.execPath, [path], {
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.log.push(JSON.parse(line) as LogLine);
      this.#wakeAll();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
    this.#ended = once(child, "close").then(([code]) => {
      this.#running = false;
      this.#wakeAll();
      return code as number | null;
    });
  }

  static start(path: string, env: Record<string, string>): Program {
    return new Program(path, env);
  }

  /**
   * Waits for a line of the log, and kills the program if it does not come within `timeoutSeconds`.
   *
   * @throws {Error} if the program has ended
   */
  async line(
    matches: (line: LogLine, index: number) => boolean,
    { timeoutSeconds = 20 } = {},
  ): Promise<LogLine> {
    const late = setTimeout(() => this.signal("SIGKILL"), timeoutSeconds * 1000);
    try {
      for (;;) {
        const found = this.log.find(matches);
        if (found !== undefined) return found;
        if (!this.#running)
          throw new Error(
            `The program ended, or was killed because the expected line did not come:\n${this.errors}`,
          );
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
    } finally {
      clearTimeout(late);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the end. @returns the exit status, or `null` if a signal ended it */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

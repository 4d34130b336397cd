import { setTimeout as sleep } from "node:timers/promises";

import { Program } from "@ahasend-webhooks/harness/program";

/** A program and what it is told. */
export interface ReceiverProgram {
  path: string;
  env: Record<string, string>;
}

interface Process {
  program: Program;
  port: number;
  /** The signal that it was told to end with. */
  told?: "SIGKILL" | "SIGTERM";
}

const RESTART_PAUSE_MS = 100;

/** Some processes of one receiver. Each that ends is started again, as a supervisor would do it. */
export class Receivers {
  /** How many were killed. */
  kills = 0;
  /** What they did that a receiver must never do. */
  readonly complaints: string[] = [];
  readonly #program: ReceiverProgram;
  readonly #up = new Set<Process>();
  #supervisors: Promise<void>[] = [];
  #stopping = new AbortController();

  private constructor(program: ReceiverProgram) {
    this.#program = program;
  }

  /** Starts so many, and waits until they listen. */
  static async start(count: number, program: ReceiverProgram): Promise<Receivers> {
    const receivers = new Receivers(program);
    await Promise.all(
      Array.from(
        { length: count },
        () => new Promise<void>((up) => receivers.#supervisors.push(receivers.#supervise(up))),
      ),
    );
    return receivers;
  }

  /** Where those that are up listen. */
  get ports(): number[] {
    return [...this.#up].map(({ port }) => port);
  }

  /** Kills one that is up, as a crash would. */
  kill(random: () => number): void {
    this.kills += 1;
    this.#end(this.#pick(random), "SIGKILL");
  }

  /** Ends one gracefully, once all are up: one after the other, as a deployment does it. */
  replace(random: () => number): void {
    if (this.#up.size === this.#supervisors.length) this.#end(this.#pick(random), "SIGTERM");
  }

  /** Lets one that is up stand still, as a machine without memory would. */
  async freeze(random: () => number, ms: number, signal: AbortSignal): Promise<void> {
    const program = this.#pick(random)?.program;
    program?.signal("SIGSTOP");
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    program?.signal("SIGCONT");
  }

  /** Ends all of them gracefully. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const process of this.#up) this.#end(process, "SIGTERM");
    await Promise.all(this.#supervisors);
  }

  #pick(random: () => number): Process | undefined {
    const up = [...this.#up].filter(({ told }) => told === undefined);
    return up[Math.floor(random() * up.length)];
  }

  #end(process: Process | undefined, signal: "SIGKILL" | "SIGTERM"): void {
    if (process === undefined) return;
    process.told = signal;
    process.program.signal(signal);
  }

  async #supervise(whenUp: () => void): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const program = Program.start(this.#program.path, this.#program.env);
      try {
        const { port } = await program.line(({ msg }) => msg === "listening");
        whenUp();
        await this.#watch({ program, port: Number(port) });
      } catch {
        // Its database is away: it is started again until it is back.
        await sleep(RESTART_PAUSE_MS);
      }
    }
  }

  async #watch(process: Process): Promise<void> {
    this.#up.add(process);
    if (this.#stopping.signal.aborted) this.#end(process, "SIGTERM");
    const status = await process.program.ended();
    this.#up.delete(process);
    const { told, program } = process;
    if (told === "SIGKILL") return;
    if (told === undefined || status !== 0 || program.errors !== "")
      this.complaints.push(`A receiver ended with status ${status} (told ${told}): ${program.errors}`);
  }
}

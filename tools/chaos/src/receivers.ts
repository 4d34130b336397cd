import { setTimeout as sleep } from "node:timers/promises";

import { Program } from "@ahasend-webhooks/harness/program";

/** A receiver or a worker: a program and its environment. */
export interface ReceiverProgram {
  path: string;
  env: Record<string, string>;
}

interface Process {
  program: Program;
  /** Of a receiver. */
  port: number | undefined;
  /** The signal sent to end it. */
  endSignal?: "SIGKILL" | "SIGTERM";
}

const RESTART_PAUSE_MS = 100;

/** The processes of a scenario: receivers, and workers. A process that ends is started again, as a supervisor does it. */
export class Receivers {
  /** Number of processes killed. */
  kills = 0;
  /** Exits that must not happen, in words. */
  readonly complaints: string[] = [];
  readonly #up = new Set<Process>();
  #supervisors: Promise<void>[] = [];
  #stopping = new AbortController();

  private constructor() {}

  /** Starts a process of each program and waits until they listen or work. */
  static async start(programs: readonly ReceiverProgram[]): Promise<Receivers> {
    const receivers = new Receivers();
    await Promise.all(
      programs.map(
        (program) =>
          new Promise<void>((up) => receivers.#supervisors.push(receivers.#supervise(program, up))),
      ),
    );
    return receivers;
  }

  /** Ports of the receivers that are up. */
  get ports(): number[] {
    return [...this.#up].flatMap(({ port }) => port ?? []);
  }

  /** Kills a process, as a crash would. */
  kill(random: () => number): void {
    this.kills += 1;
    this.#end(this.#pick(random), "SIGKILL");
  }

  /** Ends a process gracefully once all are up: one after the other, as in a deployment. */
  replace(random: () => number): void {
    if (this.#up.size === this.#supervisors.length) this.#end(this.#pick(random), "SIGTERM");
  }

  /** Stops a process for `ms` milliseconds, as a machine that has run out of memory would. */
  async freeze(random: () => number, ms: number, signal: AbortSignal): Promise<void> {
    const program = this.#pick(random)?.program;
    program?.signal("SIGSTOP");
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    program?.signal("SIGCONT");
  }

  /** Ends all processes gracefully. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const process of this.#up) this.#end(process, "SIGTERM");
    await Promise.all(this.#supervisors);
  }

  #pick(random: () => number): Process | undefined {
    const up = [...this.#up].filter(({ endSignal }) => endSignal === undefined);
    return up[Math.floor(random() * up.length)];
  }

  #end(process: Process | undefined, signal: "SIGKILL" | "SIGTERM"): void {
    // A second SIGTERM would end a process that is still finishing its deliveries at once, as for everybody else.
    if (process === undefined || process.endSignal !== undefined) return;
    process.endSignal = signal;
    process.program.signal(signal);
  }

  async #supervise({ path, env }: ReceiverProgram, whenUp: () => void): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const program = Program.start(path, env);
      try {
        const { port } = await program.line(({ msg }) => msg === "listening" || msg === "working");
        whenUp();
        await this.#watch({ program, port: typeof port === "number" ? port : undefined });
      } catch {
        // Its server is down: start the process again until it is back.
        await sleep(RESTART_PAUSE_MS);
      }
    }
  }

  async #watch(process: Process): Promise<void> {
    this.#up.add(process);
    if (this.#stopping.signal.aborted) this.#end(process, "SIGTERM");
    const status = await process.program.ended();
    this.#up.delete(process);
    const { endSignal, program } = process;
    if (endSignal === "SIGKILL") return;
    if (endSignal === undefined || status !== 0 || program.errors !== "")
      this.complaints.push(
        `A process ended with status ${status} (signal sent: ${endSignal ?? "none"}): ${program.errors}`,
      );
  }
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A program of ours in a process of its own, which answers each message with one. */
export class Child {
  readonly #process: ChildProcess;
  #failure: Error | undefined;

  private constructor(program: string, args: readonly string[]) {
    this.#process = fork(join(import.meta.dirname, "programs", `${program}.js`), args, {
      serialization: "advanced",
    });
    this.#process.once("exit", (code, signal) => {
      this.#failure = new Error(`The program ${program} ended (${signal ?? code}): see what it wrote above.`);
      this.#process.emit("message", undefined);
    });
  }

  /** Starts a program. @returns its handle, and its first message */
  static async start<First>(program: string, ...args: string[]): Promise<[Child, First]> {
    const child = new Child(program, args);
    return [child, await child.#next<First>()];
  }

  /** Sends a message and waits for the answer. */
  async ask<Answer>(message: object): Promise<Answer> {
    this.#process.send(message);
    return this.#next<Answer>();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }

  async #next<Message>(): Promise<Message> {
    const [message] = (await once(this.#process, "message")) as [Message];
    if (this.#failure !== undefined) throw this.#failure;
    return message;
  }
}

/** In a program: says something to the process that started it. */
export function sendToParent(message: object): void {
  process.send?.(message);
}

/** In a program: answers every message, until the process that started it is gone. */
export function answerMessages(handle: (message: never) => object | Promise<object>): void {
  process.on("message", (message) => void Promise.resolve(handle(message as never)).then(sendToParent));
  process.once("disconnect", () => process.exit());
}

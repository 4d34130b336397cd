import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A program in a child process that replies to each message with one message. */
export class Child {
  readonly #process: ChildProcess;
  #failure: Error | undefined;

  private constructor(program: string, args: readonly string[]) {
    this.#process = fork(join(import.meta.dirname, "programs", `${program}.js`), args, {
      serialization: "advanced",
    });
    this.#process.once("exit", (code, signal) => {
      this.#failure = new Error(`The program ${program} ended (${signal ?? code}): see its output above.`);
      this.#process.emit("message", undefined);
    });
  }

  /** Starts a program. @returns the child and its first message */
  static async start<First>(program: string, ...args: string[]): Promise<[Child, First]> {
    const child = new Child(program, args);
    return [child, await child.#next<First>()];
  }

  /** Sends a message and waits for the reply. */
  async ask<Reply>(message: object): Promise<Reply> {
    this.#process.send(message);
    return this.#next<Reply>();
  }

  /** Ends the process. */
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

/** In a program: sends a message to the parent process. */
export function sendToParent(message: object): void {
  process.send?.(message);
}

/** In a program: replies to every message until the parent process ends. */
export function answerMessages(handle: (message: never) => object | Promise<object>): void {
  process.on("message", (message) => void Promise.resolve(handle(message as never)).then(sendToParent));
  process.once("disconnect", () => process.exit());
}

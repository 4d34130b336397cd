import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

import type { ServerReport } from "./report.js";
import type { Script } from "./script.js";
import type { Order } from "./server.js";
import type { TargetName } from "./servers/index.js";

/** The crash of a server process, with its stack. */
export class Crash extends Error {}

/** A server in a child process, so that its crash can be observed. */
export class Target {
  readonly name: TargetName;
  readonly #program: string;
  #process: ChildProcess | undefined;
  #errors = "";

  /** @param program the built `server.js` */
  constructor(name: TargetName, program: string) {
    this.name = name;
    this.#program = program;
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  /** Opens an endpoint for a round. @returns its port */
  async open({ lookUpMs }: Script): Promise<number> {
    if (this.#process === undefined) await this.#start();
    const { port } = await this.#ask<{ port: number }>({ open: { lookUpMs } });
    return port;
  }

  /** Closes the endpoint. @throws {Crash} if the process has ended */
  close(): Promise<ServerReport> {
    return this.#ask<ServerReport>("close");
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    running.kill("SIGKILL");
    await exited;
  }

  async #start(): Promise<void> {
    this.#errors = "";
    const started = fork(this.#program, [this.name], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#process = started;
    started.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    // Unlike "exit", "close" comes after the last bytes of standard error.
    started.once("close", () => {
      if (this.#process === started) this.#process = undefined;
      started.emit("message", undefined);
    });
    await this.#next(started);
  }

  #ask<Reply>(order: Order): Promise<Reply> {
    const asked = this.#process;
    if (asked === undefined) return Promise.reject(new Crash(this.#errors));
    const reply = this.#next<Reply>(asked);
    asked.send(order, () => undefined);
    return reply;
  }

  async #next<Message>(asked: ChildProcess): Promise<Message> {
    const [message] = (await once(asked, "message")) as [Message | undefined];
    if (message === undefined) throw new Crash(this.#errors);
    return message;
  }
}

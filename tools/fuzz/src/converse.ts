import { type Socket, connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

import { silenceMs } from "./limits.js";
import { ReplyReader, type SeenReply } from "./reply-reader.js";
import type { Conversation, Step } from "./script.js";

/** The result of one conversation, as the client saw it. */
export interface Exchange {
  replies: SeenReply[];
  /** Bytes that are not a reply. */
  malformed: string | undefined;
  /** `true` if nothing happened on the connection for longer than the timeouts of the servers allow. */
  hangs: boolean;
  /** Duration of sending, in milliseconds. */
  sentMs: number;
}

/** Plays one conversation. @returns the result when the connection has ended or hangs */
export async function converse(port: number, { steps }: Conversation): Promise<Exchange> {
  const startedAt = performance.now();
  const client = new Client(port);
  for (const step of steps) {
    await client.do(step);
    await turn();
  }
  const sentMs = performance.now() - startedAt;
  return { ...(await client.end()), sentMs };
}

class Client {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  readonly #closed: Promise<void>;
  #isClosed = false;
  #hangs = false;
  #awaited = 0;
  #wake: (() => void)[] = [];

  constructor(port: number) {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    this.#socket = socket;
    socket.setTimeout(silenceMs, () => {
      this.#hangs = true;
      socket.destroy();
    });
    socket.on("data", (chunk: Buffer) => {
      this.#reader.add(chunk);
      this.#wakeAll();
    });
    socket.on("drain", () => this.#wakeAll());
    // A server may reset a connection that it refuses: only the end of the connection matters.
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
    this.#closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isClosed = true;
        this.#wakeAll();
        resolve();
      });
    });
  }

  async do(step: Step): Promise<void> {
    if (this.#isClosed) return;
    if ("send" in step) await this.#send(Buffer.from(step.send, "latin1"), step.times ?? 1);
    else if (step.do === "reply") await this.#reply();
    else if (step.do === "pause") this.#socket.pause();
    else if (step.do === "resume") this.#socket.resume();
    else if (step.do === "end") this.#socket.end();
    else if (step.do === "destroy") this.#socket.destroy();
    else if (step.do === "reset") this.#socket.resetAndDestroy();
  }

  async end(): Promise<Omit<Exchange, "sentMs">> {
    this.#socket.resume();
    await this.#closed;
    this.#reader.end();
    const { replies, malformed } = this.#reader;
    return { replies, malformed, hangs: this.#hangs };
  }

  /** Sends in writes of about 64 KB, as fast as the server reads them. */
  async #send(bytes: Buffer, times: number): Promise<void> {
    const atOnce = Math.max(1, Math.floor(65_536 / Math.max(1, bytes.length)));
    for (let left = times; left > 0 && this.#socket.writable; left -= atOnce) {
      const copies = Math.min(left, atOnce);
      this.#socket.write(copies === 1 ? bytes : Buffer.alloc(bytes.length * copies, bytes));
      // A client that has stopped reading must not wait: it would block itself.
      await this.#until(() => !this.#socket.writableNeedDrain || this.#socket.isPaused());
      await turn();
    }
  }

  async #reply(): Promise<void> {
    this.#awaited += 1;
    this.#socket.resume();
    await this.#until(() => this.#reader.begun >= this.#awaited);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!this.#isClosed && !holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

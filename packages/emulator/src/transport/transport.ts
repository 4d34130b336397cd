import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { assertLoopbackLiteral } from "./loopback.js";
import { type ReceivedReply, readReply } from "./received-reply.js";
import { EmulatorError } from "../errors.js";
import { connectIgnoringWriteErrors } from "./connect-ignoring-write-errors.js";
import { type NetworkAccess, toRequestOptions } from "./network-access.js";
import { type Redirect, resolveRedirect } from "./redirect.js";
import type { OutgoingRequest } from "./outgoing-request.js";

/** Options of a {@link Transport}. */
export interface TransportOptions extends NetworkAccess {
  lookup: LookupFunction | undefined;
  /** Uses a connection for several requests, as AhaSend does. @default true */
  keepAlive?: boolean;
}

/** As in Go, whose client makes ten requests at most. */
const MAX_REDIRECTS = 9;
/** Node's servers close an idle connection after 5 s: one that is about to be closed must not be used. */
const IDLE_MS = 2000;
const UPLOAD_STEPS = 10;

/** Sends requests, to this machine only unless more is allowed. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #http: http.Agent;
  readonly #https: https.Agent;

  constructor(options: TransportOptions) {
    this.#options = options;
    const agent = new http.Agent(agentOptions(options));
    this.#http = Object.assign(agent, { createConnection: connectIgnoringWriteErrors });
    this.#https = new https.Agent(agentOptions(options));
  }

  /** Accepts any certificate of this machine from here on. */
  trustThisMachine(): void {
    Object.assign(
      this.#https.options,
      toRequestOptions({ ...this.#options, insecure: true }, this.#options.lookup),
    );
  }

  /** @throws {EmulatorError} `remote_address` when the URL names an address of another machine */
  check(url: URL): void {
    if (!this.#options.allowRemote) assertLoopbackLiteral(url);
  }

  /**
   * Sends a request and follows redirects, as a Go program does.
   *
   * @param redirects is added to with each one that is followed
   * @throws what went wrong when there is no answer; the reason of the signal when that came first
   */
  async send(request: OutgoingRequest, redirects: Redirect[], signal: AbortSignal): Promise<ReceivedReply> {
    let current = request;
    for (;;) {
      const answer = await this.#exchange(current, signal);
      const next = resolveRedirect(current, answer);
      if (next === undefined) return answer;
      if (redirects.length === MAX_REDIRECTS) {
        throw new EmulatorError(
          "redirect_failed",
          `The answer was the ${MAX_REDIRECTS + 1}th redirect: answer where the event arrives.`,
        );
      }
      redirects.push({ status: answer.status, url: next.url });
      current = next;
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #exchange(request: OutgoingRequest, signal: AbortSignal): Promise<ReceivedReply> {
    const url = new URL(request.url);
    this.check(url);
    signal.throwIfAborted();
    const { method, headers } = request;
    const isSecure = url.protocol === "https:";
    const agent = isSecure ? this.#https : this.#http;
    const outgoing = (isSecure ? https : http).request(url, { method, headers, agent, signal });
    const answer = new Promise<ReceivedReply>((resolve, reject) => {
      outgoing.on("response", (incoming) => resolve(readReply(incoming)));
      // Nothing after the answer counts: a receiver may answer and close before it has read everything.
      outgoing.on("error", (error) => reject(signal.aborted ? signal.reason : error));
      outgoing.on("close", () => reject(new Error("The connection was closed without an answer.")));
    });
    await Promise.race([upload(outgoing, request, signal), answer.catch(() => undefined)]);
    if (!outgoing.writableEnded) outgoing.destroy();
    return answer;
  }
}

function agentOptions({ lookup, keepAlive = true, ...reach }: TransportOptions): https.AgentOptions {
  return { keepAlive, timeout: IDLE_MS, ...toRequestOptions(reach, lookup) };
}

/** Sends the body, in steps when it has to take time. */
async function upload(
  outgoing: http.ClientRequest,
  { body, uploadSeconds }: OutgoingRequest,
  signal: AbortSignal,
): Promise<void> {
  if (uploadSeconds > 0) {
    const bytes = Buffer.from(body);
    const size = Math.max(Math.ceil(bytes.length / UPLOAD_STEPS), 1);
    for (let start = 0; start < bytes.length; start += size) {
      outgoing.write(bytes.subarray(start, start + size));
      // The connection keeps the process alive; once the answer is there this pause must not.
      const options = { signal, ref: false };
      await pause((uploadSeconds * 1000) / UPLOAD_STEPS, undefined, options).catch(() => undefined);
      if (outgoing.destroyed) return;
    }
    outgoing.end();
  } else outgoing.end(body);
}

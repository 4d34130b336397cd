import type { ClientRequest } from "node:http";
import type { LookupFunction } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { EmulatorError } from "../errors.js";
import { type NetworkAccess, assertAllowedUrl } from "./network-access.js";
import { type ConnectionPool, createConnectionPool, openRequest } from "./open-request.js";
import type { OutgoingRequest } from "./outgoing-request.js";
import { type ReceivedReply, readReply } from "./received-reply.js";
import { type Redirect, resolveRedirect } from "./redirect.js";

/** Options of a {@link Transport}. */
export interface TransportOptions extends NetworkAccess {
  lookup: LookupFunction | undefined;
  /** Uses a connection for several requests, as AhaSend does. @default true */
  keepAlive?: boolean;
}

/** As in Go, whose client makes ten requests at most. */
const MAX_REDIRECTS = 9;
const UPLOAD_STEPS = 10;

/** Sends requests and follows redirects; by default only on this machine. */
export class Transport {
  readonly #access: NetworkAccess;
  readonly #lookup: LookupFunction | undefined;
  readonly #pool: ConnectionPool;

  constructor({ allowRemote, insecure, lookup, keepAlive = true }: TransportOptions) {
    this.#access = { allowRemote, insecure };
    this.#lookup = lookup;
    this.#pool = createConnectionPool({ keepAlive });
  }

  /** Accepts any certificate of this machine from now on. */
  trustThisMachine(): void {
    this.#access.insecure = true;
  }

  /** @throws {EmulatorError} `remote_address` if the URL has the address of another machine */
  assertAllowedUrl(url: URL): void {
    assertAllowedUrl(url, this.#access);
  }

  /**
   * Sends a request and follows redirects, as a Go program does.
   *
   * @param redirects receives each redirect that is followed
   * @throws the reason why no reply came; the reason of the signal if it was aborted first
   */
  async send(request: OutgoingRequest, redirects: Redirect[], signal: AbortSignal): Promise<ReceivedReply> {
    let current = request;
    for (;;) {
      const reply = await this.#exchange(current, signal);
      const next = resolveRedirect(current, reply);
      if (next === undefined) return reply;
      if (redirects.length === MAX_REDIRECTS) {
        throw new EmulatorError(
          "redirect_failed",
          `The receiver redirected more than ${MAX_REDIRECTS} times: reply at the URL that receives the event.`,
        );
      }
      redirects.push({ status: reply.status, url: next.url });
      current = next;
    }
  }

  close(): void {
    this.#pool.http.destroy();
    this.#pool.https.destroy();
  }

  async #exchange(request: OutgoingRequest, signal: AbortSignal): Promise<ReceivedReply> {
    signal.throwIfAborted();
    const { method, headers } = request;
    const url = new URL(request.url);
    const connection = { ...this.#access, lookup: this.#lookup, pool: this.#pool };
    const outgoing = openRequest({ url, method, headers, signal, ...connection });
    const reply = new Promise<ReceivedReply>((resolve, reject) => {
      outgoing.on("response", (incoming) => resolve(readReply(incoming)));
      // Nothing after the reply counts: a receiver may reply and close before it has read everything.
      outgoing.on("error", (error) => reject(signal.aborted ? signal.reason : error));
      outgoing.on("close", () => reject(new Error("The connection was closed without a reply.")));
    });
    await Promise.race([upload(outgoing, request, signal), reply.catch(() => undefined)]);
    if (!outgoing.writableEnded) outgoing.destroy();
    return reply;
  }
}

/** Sends the body, in steps if the upload has to take time. */
async function upload(
  outgoing: ClientRequest,
  { body, uploadSeconds }: OutgoingRequest,
  signal: AbortSignal,
): Promise<void> {
  if (uploadSeconds > 0) {
    const bytes = Buffer.from(body);
    const size = Math.max(Math.ceil(bytes.length / UPLOAD_STEPS), 1);
    for (let start = 0; start < bytes.length; start += size) {
      outgoing.write(bytes.subarray(start, start + size));
      // The connection keeps the process alive; after the reply, this pause must not.
      const options = { signal, ref: false };
      await pause((uploadSeconds * 1000) / UPLOAD_STEPS, undefined, options).catch(() => undefined);
      if (outgoing.destroyed) return;
    }
    outgoing.end();
  } else outgoing.end(body);
}

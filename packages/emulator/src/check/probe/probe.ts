import { performance } from "node:perf_hooks";

import { EmulatorError } from "../../errors.js";
import type { Redirect } from "../../transport/redirect.js";
import { Transport } from "../../transport/transport.js";
import type { CheckSettings } from "../check-options.js";
import { EffectCounter } from "../effects/effect-counter.js";
import { readCounts } from "../effects/read-counts.js";
import type { CheckRequest } from "./check-request.js";
import { type Exchange, formatError } from "./exchange.js";
import { withDeadline } from "./with-deadline.js";

/** Sends the requests of the checks to one receiver, and keeps the outcomes. */
export class Probe {
  /** All requests so far, with their outcomes. */
  readonly exchanges: Exchange[] = [];
  readonly settings: CheckSettings;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
  /** Counts what the handlers do; `undefined` where that cannot be observed. */
  readonly effects: EffectCounter | undefined;
  readonly #transport: Transport;

  /** @throws {EmulatorError} `remote_address` */
  constructor(settings: CheckSettings, signal: AbortSignal) {
    const { url, effects, allowRemote, insecure, attemptTimeoutSeconds, effectTimeoutSeconds } = settings;
    this.settings = settings;
    this.signal = signal;
    // A new connection for each: what the receiver does to one must not affect the next request.
    this.#transport = new Transport({ allowRemote, insecure, lookup: undefined, keepAlive: false });
    for (const target of [url, ...(effects === undefined ? [] : [effects])]) {
      this.#transport.assertAllowedUrl(new URL(target));
    }
    if (effects !== undefined) {
      const read = () =>
        withDeadline(attemptTimeoutSeconds, signal, (signal) =>
          readCounts({ url: new URL(effects), allowRemote, insecure, signal }),
        );
      this.effects = new EffectCounter(read, effectTimeoutSeconds);
    }
  }

  get secret(): string {
    return this.settings.secret;
  }

  /**
   * Sends a request as AhaSend would: follows redirects, and counts only a reply in time.
   *
   * @throws {EmulatorError} `remote_address` when the host resolves to another machine
   */
  async send({ method = "POST", headers, body, uploadSeconds = 0 }: CheckRequest): Promise<Exchange> {
    const { url, attemptTimeoutSeconds } = this.settings;
    const request = {
      method,
      url,
      headers: {
        ...headers,
        ...(method === "POST" && { "content-length": String(Buffer.byteLength(body)) }),
      },
      body,
      uploadSeconds,
    };
    const redirects: Redirect[] = [];
    const [startedAt, date] = [performance.now(), new Date()];
    const outcome = await withDeadline(attemptTimeoutSeconds, this.signal, (signal) =>
      this.#transport.send(request, redirects, signal),
    ).then(
      (reply) => ({ reply }),
      (error: unknown) => {
        const isRemote = error instanceof EmulatorError && error.code === "remote_address";
        // A redirect to another machine is a fault of the receiver; a URL of another machine is one of the caller.
        if (isRemote && redirects.length === 0) throw error;
        return { error: formatError(error) };
      },
    );
    const latencyMs = performance.now() - startedAt - uploadSeconds * 1000;
    const exchange = { redirects, ...outcome, latencyMs };
    this.exchanges.push(exchange);
    this.settings.onRequest?.({ request, startedAt: date, ...exchange });
    return exchange;
  }

  close(): void {
    this.#transport.close();
  }
}

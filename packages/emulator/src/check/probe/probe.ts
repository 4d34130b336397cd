import { performance } from "node:perf_hooks";

import { EmulatorError } from "../../errors.js";
import type { Redirect } from "../../transport/redirect.js";
import { Transport } from "../../transport/transport.js";
import { EffectCounter } from "../effects/effect-counter.js";
import { withDeadline } from "./with-deadline.js";
import { type Exchange, errorInWords } from "./exchange.js";
import type { Message } from "./check-request.js";
import type { CheckSettings } from "../check-options.js";
import { readNumbers } from "../effects/read-counts.js";

/** Sends the messages of the checks to one receiver, and remembers what came. */
export class Probe {
  /** What came of all messages so far. */
  readonly exchanges: Exchange[] = [];
  readonly settings: CheckSettings;
  /** Aborted when the run is over. */
  readonly signal: AbortSignal;
  /** What the handlers have done, where that can be seen. */
  readonly effects: EffectCounter | undefined;
  readonly #transport: Transport;

  /** @throws {EmulatorError} `remote_address` */
  constructor(settings: CheckSettings, signal: AbortSignal) {
    const { url, effects, allowRemote, insecure, attemptTimeoutSeconds } = settings;
    this.settings = settings;
    this.signal = signal;
    // What the receiver does to one connection must not alter what comes of the next message.
    this.#transport = new Transport({ allowRemote, insecure, lookup: undefined, keepAlive: false });
    for (const target of [url, ...(effects === undefined ? [] : [effects])]) {
      this.#transport.assertAllowedUrl(new URL(target));
    }
    if (effects !== undefined) {
      this.effects = new EffectCounter(async () =>
        withDeadline(attemptTimeoutSeconds, signal, (signal) =>
          readNumbers({ url: new URL(effects), allowRemote, insecure, signal }),
        ),
      );
    }
  }

  get secret(): string {
    return this.settings.secret;
  }

  /**
   * Sends a message as AhaSend would: redirects are followed, and only an answer in time counts.
   *
   * @throws {EmulatorError} `remote_address` when the host turns out to be another machine
   */
  async send({ method = "POST", headers, body, uploadSeconds = 0 }: Message): Promise<Exchange> {
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
    const begun = performance.now();
    const outcome = await withDeadline(attemptTimeoutSeconds, this.signal, (signal) =>
      this.#transport.send(request, redirects, signal),
    ).then(
      (answer) => ({ answer }),
      (error: unknown) => {
        const isRemote = error instanceof EmulatorError && error.code === "remote_address";
        // Where a redirect leads is the receiver's affair; where the URL leads is not.
        if (isRemote && redirects.length === 0) throw error;
        return { error: errorInWords(error) };
      },
    );
    const latencyMs = performance.now() - begun - uploadSeconds * 1000;
    const exchange = { redirects, ...outcome, latencyMs };
    this.exchanges.push(exchange);
    return exchange;
  }

  close(): void {
    this.#transport.close();
  }
}

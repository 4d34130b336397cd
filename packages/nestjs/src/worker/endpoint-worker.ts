import {
  type CloseOptions,
  type Inbox,
  type Worker,
  createWorker,
  logOutcomes,
} from "@ahasend-webhooks/core";
import { isInbox } from "@ahasend-webhooks/core/inbox";
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from "@nestjs/common";

import { HandlerExplorer } from "../handler-explorer.js";
import type { AhaSendWebhooksOptions, Endpoint } from "../options.js";
import { ENDPOINT, OPTIONS } from "../tokens.js";

/** Handles, in the same process, what an endpoint accepts into an inbox. */
@Injectable()
export class EndpointWorker implements OnApplicationBootstrap {
  readonly #logger = new Logger("AhaSendWebhooks");
  #worker: Worker | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: AhaSendWebhooksOptions,
    @Inject(ENDPOINT) private readonly endpoint: Endpoint,
    @Inject(HandlerExplorer) private readonly explorer: HandlerExplorer,
  ) {}

  /** The receiver only accepts: its worker starts later. */
  get receiverOptions(): { work?: false } {
    return this.#inbox === undefined ? {} : { work: false };
  }

  /** Only now have all modules been initialized, which the handlers of deliveries left over may need. */
  onApplicationBootstrap(): void {
    const store = this.#inbox;
    const { onOutcome = logOutcomes(this.#logger) } = this.options;
    if (store === undefined) return;
    this.#worker = createWorker({ on: this.explorer.findHandlers(this.endpoint.name), store, onOutcome });
  }

  async close(options?: CloseOptions): Promise<void> {
    await this.#worker?.close(options);
  }

  /** The inbox to work on, unless the options leave that to others. */
  get #inbox(): Inbox | undefined {
    const { store, work = true } = this.options;
    return (work as unknown) === true && typeof store === "object" && isInbox(store) ? store : undefined;
  }
}

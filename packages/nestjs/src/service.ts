import {
  type CloseOptions,
  type Receiver,
  type Reply,
  type WebhookRequest,
  createReceiver,
  logOutcomes,
} from "@ahasend-webhooks/core";
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from "@nestjs/common";

import { HandlerExplorer } from "./explorer.js";
import {
  type AhaSendWebhooksOptions,
  DEFAULT_NAME,
  ENDPOINT,
  type EndpointOptions,
  OPTIONS,
} from "./options.js";

/** The receiver of one endpoint: to hand over deliveries that arrive another way, and to drain it. */
@Injectable()
export class AhaSendWebhooksService implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger("AhaSendWebhooks");
  #receiver: Receiver | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: AhaSendWebhooksOptions,
    @Inject(ENDPOINT) private readonly endpoint: EndpointOptions,
    @Inject(HandlerExplorer) private readonly explorer: HandlerExplorer,
  ) {}

  onModuleInit(): void {
    const { name = DEFAULT_NAME, path } = this.endpoint;
    const on = this.explorer.handlersOf(name);
    if (Object.keys(on).length === 0 && path !== false) {
      this.#logger.warn("No handler was found: decorate a method of a provider with @OnAhaSendEvent(…).");
    }
    const onOutcome = logOutcomes({
      warn: (entry) => this.#logger.warn(entry),
      error: (entry) => this.#logger.error(entry),
    });
    this.#receiver = createReceiver({ endpoint: name, onOutcome, ...this.options, on });
  }

  /** Handles one request. Never rejects: what goes wrong becomes the status the sender needs to see. */
  receive(request: WebhookRequest): Promise<Reply> {
    if (this.#receiver === undefined) {
      throw new Error(
        "The endpoint is not ready before onModuleInit: await app.init() or app.listen() first.",
      );
    }
    return this.#receiver.receive(request);
  }

  /** Refuses new deliveries and finishes those in flight. Nest's shutdown does it by itself. */
  async close(options?: CloseOptions): Promise<void> {
    await this.#receiver?.close(options);
  }

  onModuleDestroy(): Promise<void> {
    return this.close();
  }
}

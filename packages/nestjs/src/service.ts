import {
  type CloseOptions,
  type Receiver,
  type Reply,
  type WebhookRequest,
  createReceiver,
  logOutcomes,
} from "@ahasend-webhooks/core";
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from "@nestjs/common";
import { ModulesContainer } from "@nestjs/core";

import { HandlerExplorer } from "./handler-explorer.js";
import { type AhaSendWebhooksOptions, type Endpoint, prefixErrors } from "./options.js";
import { ENDPOINT, OPTIONS, SERVICE } from "./tokens.js";

/** The receiver of one endpoint: to hand over deliveries that arrive another way, and to drain it. */
@Injectable()
export class AhaSendWebhooksService implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger("AhaSendWebhooks");
  #receiver: Receiver | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: AhaSendWebhooksOptions,
    @Inject(ENDPOINT) private readonly endpoint: Endpoint,
    @Inject(HandlerExplorer) private readonly explorer: HandlerExplorer,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {
    // Nest destroys modules in ascending order of distance: the drain comes before any database closes.
    for (const module of this.#endpointModules()) module.distance = -1;
  }

  onModuleInit(): void {
    const { name, path } = this.endpoint;
    const on = this.explorer.findHandlers(name);
    if (Object.keys(on).length === 0 && path !== false) {
      this.#logger.warn("No handler was found: decorate a method of a provider with @OnAhaSendEvent(…).");
    }
    const onOutcome = this.options.onOutcome ?? logOutcomes(this.#logger);
    this.#receiver = prefixErrors(this.endpoint, this.options, () =>
      createReceiver({ endpoint: name, ...this.options, onOutcome, on }),
    );
  }

  /**
   * Handles one request. Resolves for every delivery: what goes wrong becomes the status that the sender needs to see.
   * Rejects before `app.init()` or `app.listen()`.
   */
  async receive(request: WebhookRequest): Promise<Reply> {
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

  /** Drains all endpoints together: none accepts a delivery while another one drains. */
  async onModuleDestroy(): Promise<void> {
    const services = this.#endpointModules().map(
      ({ providers }) => providers.get(SERVICE)?.instance as AhaSendWebhooksService | undefined,
    );
    await Promise.all(services.map(async (service) => service?.close()));
  }

  #endpointModules() {
    return [...this.modules.values()].filter(({ providers }) => providers.has(ENDPOINT));
  }
}

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
import { EndpointWorker } from "./worker/endpoint-worker.js";

/** The receiver of one endpoint. Use it to receive deliveries that arrive another way, and to close the endpoint. */
@Injectable()
export class AhaSendWebhooksService implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger("AhaSendWebhooks");
  #receiver: Receiver | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: AhaSendWebhooksOptions,
    @Inject(ENDPOINT) private readonly endpoint: Endpoint,
    @Inject(HandlerExplorer) private readonly explorer: HandlerExplorer,
    @Inject(EndpointWorker) private readonly worker: EndpointWorker,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {
    // Nest destroys modules in ascending order of distance: deliveries must finish before any database closes.
    for (const module of this.#endpointModules()) module.distance = -1;
  }

  onModuleInit(): void {
    const { name, path } = this.endpoint;
    const on = this.explorer.findHandlers(name);
    if (Object.keys(on).length === 0 && path !== false) {
      this.#logger.warn("No handlers found: decorate a provider's method with @OnAhaSendEvent(…).");
    }
    const onOutcome = this.options.onOutcome ?? logOutcomes(this.#logger);
    this.#receiver = prefixErrors(this.endpoint, this.options, () =>
      createReceiver({ endpoint: name, ...this.options, ...this.worker.receiverOptions, onOutcome, on }),
    );
  }

  /**
   * Handles one request and returns the reply, also if the delivery is refused or its handler fails.
   *
   * @throws {Error} before `app.init()` or `app.listen()`
   */
  async receive(request: WebhookRequest): Promise<Reply> {
    if (this.#receiver === undefined) {
      throw new Error("The endpoint has not started: await app.init() or app.listen() first.");
    }
    return this.#receiver.receive(request);
  }

  /** Refuses new deliveries and finishes those in flight. Nest calls it on shutdown. */
  async close(options?: CloseOptions): Promise<void> {
    await Promise.all([this.#receiver?.close(options), this.worker.close(options)]);
  }

  /** Closes all endpoints together: none accepts a delivery while another finishes its own. */
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

import {
  type Inbox,
  type OutcomeListener,
  type Worker,
  createWorker,
  logOutcomes,
} from "@ahasend-webhooks/core";
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from "@nestjs/common";
import { ModulesContainer } from "@nestjs/core";

import { HandlerExplorer } from "../handler-explorer.js";
import { WORKER_NAME, WORKER_OPTIONS } from "../tokens.js";

/** Options of `AhaSendWebhooksWorkerModule`: those of `createWorker`, without handlers. */
export interface AhaSendWebhooksWorkerOptions {
  store: Inbox;
  /** Called with the outcome of every attempt. @default logOutcomes with Nest's logger */
  onOutcome?: OutcomeListener;
}

/** The worker of an inbox. It starts when all modules have been initialized, and closes before any of them. */
@Injectable()
export class AhaSendWebhooksWorker implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger("AhaSendWebhooks");
  #worker: Worker | undefined;

  constructor(
    @Inject(WORKER_OPTIONS) private readonly options: AhaSendWebhooksWorkerOptions,
    @Inject(WORKER_NAME) private readonly name: string,
    @Inject(HandlerExplorer) private readonly explorer: HandlerExplorer,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    // Nest destroys modules in ascending order of distance: handlers must finish before any database closes.
    for (const module of modules.values()) if (module.providers.has(WORKER_NAME)) module.distance = -1;
  }

  onApplicationBootstrap(): void {
    const on = this.explorer.findHandlers(this.name);
    if (Object.keys(on).length === 0) {
      this.#logger.warn("No handlers found: decorate a provider's method with @OnAhaSendEvent(…).");
    }
    const { store, onOutcome = logOutcomes(this.#logger) } = this.options;
    this.#worker = createWorker({ on, store, onOutcome });
  }

  /** Takes no further deliveries and waits for the handlers that are running. Nest calls it on shutdown. */
  async close(options?: { timeoutSeconds?: number }): Promise<void> {
    await this.#worker?.close(options);
  }

  async onModuleDestroy(): Promise<void> {
    await this.close();
  }
}

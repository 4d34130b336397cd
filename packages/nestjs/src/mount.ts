import { Inject, Injectable, Logger, type OnModuleInit } from "@nestjs/common";
import { type AbstractHttpAdapter, HttpAdapterHost } from "@nestjs/core";

import { type Exchange, answer } from "./answer.js";
import { mountOnExpress } from "./mount-express.js";
import { mountOnFastify } from "./mount-fastify.js";
import { ENDPOINT, type Endpoint, SERVICE } from "./options.js";
import type { AhaSendWebhooksService } from "./service.js";

/** Answers one request, and returns before it has been answered. */
export type Take = (exchange: Exchange) => void;

/**
 * Takes the requests that the platform's router has matched with the endpoint's route: behind middleware, in front of
 * body parsers and all enhancers. It can, because providers are constructed before the app registers its parsers.
 */
@Injectable()
export class EndpointMount implements OnModuleInit {
  readonly #logger = new Logger("AhaSendWebhooks");
  #finish: (() => void) | undefined;

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ENDPOINT) private readonly endpoint: Endpoint,
    @Inject(SERVICE) private readonly service: AhaSendWebhooksService,
  ) {
    if (endpoint.path === false) return;
    // A testing module gets its adapter after its providers; a microservice gets none.
    host.init$.subscribe(() => this.#mount(host.httpAdapter as AbstractHttpAdapter | null | undefined));
  }

  /** Nest has registered all its routes by now, and not yet the handler of those that are not found. */
  onModuleInit(): void {
    this.#finish?.();
  }

  #mount(adapter: AbstractHttpAdapter | null | undefined): void {
    if (!adapter) return;
    const platform: string = adapter.getType();
    const take: Take = (exchange) => void answer(this.service, exchange);
    const warn = (line: string) => this.#logger.warn(line);
    if (platform === "express") this.#finish = mountOnExpress(adapter, this.endpoint, take, warn);
    if (platform === "fastify") mountOnFastify(adapter, this.endpoint, take);
  }
}

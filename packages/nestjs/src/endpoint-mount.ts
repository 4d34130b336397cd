import { Inject, Injectable, Logger, type OnModuleInit } from "@nestjs/common";
import { type AbstractHttpAdapter, HttpAdapterHost, ModuleRef } from "@nestjs/core";

import { type ExchangeHandler, handleExchange } from "./exchange.js";
import { mountOnExpress } from "./mount-on-express.js";
import { mountOnFastify } from "./mount-on-fastify.js";
import { type Endpoint, describeEndpoint } from "./options.js";
import type { AhaSendWebhooksService } from "./service.js";
import { ENDPOINT, SERVICE } from "./tokens.js";

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
    // An injected service would make this provider as request-scoped as its options, and Nest would not construct it.
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {
    if (endpoint.path === false) return;
    if (host.listening) {
      throw new TypeError(
        `${describeEndpoint(endpoint)}: a module that is loaded lazily gets no routes. Import it when the app starts.`,
      );
    }
    const mount = () => this.#mount(host.httpAdapter as AbstractHttpAdapter | null | undefined);
    // Inside a subscription an error would end the process instead of rejecting the start.
    if (host.httpAdapter as unknown) mount();
    // A testing module gets its adapter after its providers; a microservice gets none.
    else host.init$.subscribe(mount);
  }

  /** Nest has registered all its routes by now, and not yet the handler of those that are not found. */
  onModuleInit(): void {
    if (this.endpoint.path === false) return;
    try {
      this.#service();
    } catch (cause) {
      throw new TypeError(
        `${describeEndpoint(this.endpoint)}: its options come from a request-scoped provider, and the receiver is created before any request. Inject providers of the default scope; secret may be a function of the request.`,
        { cause },
      );
    }
    this.#finish?.();
  }

  #service(): AhaSendWebhooksService {
    return this.moduleRef.get<AhaSendWebhooksService>(SERVICE);
  }

  #mount(adapter: AbstractHttpAdapter | null | undefined): void {
    if (!adapter) return;
    const platform: string = adapter.getType();
    const handle: ExchangeHandler = (exchange) => void handleExchange(this.#service(), exchange);
    const warn = (line: string) => this.#logger.warn(line);
    if (platform === "express") this.#finish = mountOnExpress(adapter, this.endpoint, handle, warn);
    if (platform === "fastify") mountOnFastify(adapter, this.endpoint, handle);
  }
}

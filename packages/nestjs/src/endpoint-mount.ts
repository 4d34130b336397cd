import { Inject, Injectable, Logger, type OnModuleInit } from "@nestjs/common";
import { type AbstractHttpAdapter, HttpAdapterHost, ModuleRef } from "@nestjs/core";

import { type ExchangeHandler, handleExchange } from "./exchange.js";
import { mountOnExpress } from "./platforms/mount-on-express.js";
import { mountOnFastify } from "./platforms/mount-on-fastify.js";
import { type Endpoint, describeEndpoint } from "./options.js";
import type { AhaSendWebhooksService } from "./service.js";
import { ENDPOINT, SERVICE } from "./tokens.js";

/**
 * Handles the requests that the platform's router matches to the endpoint's route: after middleware, but before body
 * parsers and all enhancers. This works because providers are constructed before the app registers its parsers.
 */
@Injectable()
export class EndpointMount implements OnModuleInit {
  readonly #logger = new Logger("AhaSendWebhooks");
  #finish: (() => void) | undefined;

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ENDPOINT) private readonly endpoint: Endpoint,
    // Injecting the service would make this provider request-scoped if its options are, and Nest would not construct it.
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {
    if (endpoint.path === false) return;
    if (host.listening) {
      throw new TypeError(
        `${describeEndpoint(endpoint)}: a lazily loaded module cannot add routes. Import it when the app starts.`,
      );
    }
    const mount = () => this.#mount(host.httpAdapter as AbstractHttpAdapter | null | undefined);
    // An error inside the subscription would end the process instead of failing the start.
    if (host.httpAdapter as unknown) mount();
    // A testing module gets its adapter after its providers; a microservice never gets one.
    else host.init$.subscribe(mount);
  }

  /** Nest has now registered all routes, but not yet its not-found handler. */
  onModuleInit(): void {
    if (this.endpoint.path === false) return;
    try {
      this.#service();
    } catch (cause) {
      throw new TypeError(
        `${describeEndpoint(this.endpoint)}: its options come from a request-scoped provider, but the receiver is created before any request. Inject providers with the default scope. For a secret per request, pass a function as secret.`,
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

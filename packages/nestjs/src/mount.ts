import type { IncomingMessage } from "node:http";

import { nodeRequest, writeReply } from "@ahasend-webhooks/core/node";
import { Inject, Injectable, Logger } from "@nestjs/common";
import { ApplicationConfig, HttpAdapterHost } from "@nestjs/core";

import { ENDPOINT, type EndpointOptions, SERVICE } from "./options.js";
import { intercept } from "./platforms.js";
import type { AhaSendWebhooksService } from "./service.js";

/**
 * Takes an endpoint's requests in front of the platform's body parser, its size limits and all global enhancers. It
 * can, because providers are constructed before the app registers its parser.
 */
@Injectable()
export class EndpointMount {
  readonly #logger = new Logger("AhaSendWebhooks");

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(ENDPOINT) endpoint: EndpointOptions,
    @Inject(SERVICE) private readonly service: AhaSendWebhooksService,
  ) {
    const { path } = endpoint;
    if (typeof path !== "string") return;
    // A testing module gets its adapter after its providers.
    host.init$.subscribe(() => this.#mount(host.httpAdapter, normalized(path)));
  }

  #mount(adapter: HttpAdapterHost["httpAdapter"], path: string): void {
    const parserIsFirst = intercept(adapter, (request, response, native) => {
      if (pathOf(request) !== this.#withPrefix(path)) return false;
      void this.service
        .receive(nodeRequest(request, undefined, native))
        .then((reply) => writeReply(request, response, reply));
      return true;
    });
    if (parserIsFirst) {
      this.#logger.warn(
        "A JSON body parser was mounted before AhaSendWebhooksModule: exclude the webhook's path.",
      );
    }
  }

  /** The prefix is set after the providers were constructed, so ask for it when a request comes. */
  #withPrefix(path: string): string {
    const { exclude = [] } = this.config.getGlobalPrefixOptions();
    if (exclude.some(({ pathRegex }) => pathRegex.test(path))) return path;
    return normalized(`${this.config.getGlobalPrefix()}/${path}`);
  }
}

function pathOf({ url = "" }: IncomingMessage): string {
  return normalized(url.split("?", 1)[0] ?? "");
}

/** One slash before each part and none at the end. */
function normalized(path: string): string {
  return `/${path.split("/").filter(Boolean).join("/")}`;
}

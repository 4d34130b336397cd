import type { IncomingMessage, ServerResponse } from "node:http";

import type { KeptBody } from "@ahasend-webhooks/core/node";
import {
  Controller,
  Inject,
  Post,
  Req,
  Res,
  SetMetadata,
  type Type,
  VERSION_NEUTRAL,
  applyDecorators,
} from "@nestjs/common";

import { handleExchange } from "./exchange.js";
import type { Endpoint } from "./options.js";
import type { AhaSendWebhooksService } from "./service.js";
import { ENDPOINT, SERVICE } from "./tokens.js";

/** The metadata key that `@RouteConfig()` of @nestjs/platform-fastify uses for a route's `config`. */
const FASTIFY_ROUTE_CONFIG = "__fastify_route_config__";

/**
 * Creates the controller that registers the endpoint's route with Nest's router, which applies prefixes and parameters.
 * On Express and Fastify `EndpointMount` handles the requests of that route; on other platforms this controller does.
 */
export function createEndpointController(endpoint: Endpoint, path: string): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  class AhaSendWebhooksController {
    constructor(@Inject(SERVICE) private readonly service: AhaSendWebhooksService) {}

    @Post()
    @SetMetadata(ENDPOINT, endpoint)
    @SetMetadata(FASTIFY_ROUTE_CONFIG, { [ENDPOINT]: endpoint })
    async receive(
      @Req() native: IncomingMessage & KeptBody & { raw?: IncomingMessage },
      @Res() response: ServerResponse & { raw?: ServerResponse; hijack?(): void },
    ): Promise<void> {
      response.hijack?.();
      const request = native.raw ?? native;
      await handleExchange(this.service, {
        request,
        response: response.raw ?? response,
        native,
        kept: native,
      });
    }
  }
  applyDecorators(...endpoint.decorators)(AhaSendWebhooksController);
  return AhaSendWebhooksController;
}

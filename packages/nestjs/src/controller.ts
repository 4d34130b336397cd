import type { IncomingMessage, ServerResponse } from "node:http";

import { nodeRequest, writeReply } from "@ahasend-webhooks/core/node";
import {
  Controller,
  Inject,
  Post,
  Req,
  Res,
  type Type,
  VERSION_NEUTRAL,
  applyDecorators,
} from "@nestjs/common";

import { SERVICE } from "./options.js";
import type { AhaSendWebhooksService } from "./service.js";

/**
 * Makes the controller that shows the endpoint in Nest's list of routes and carries its metadata. On Express and
 * Fastify requests never come so far; on another platform it takes them.
 */
export function endpointController(path: string, decorators: readonly ClassDecorator[]): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  class AhaSendWebhooksController {
    constructor(@Inject(SERVICE) private readonly service: AhaSendWebhooksService) {}

    @Post()
    async receive(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
      await writeReply(request, response, await this.service.receive(nodeRequest(request)));
    }
  }
  applyDecorators(...decorators)(AhaSendWebhooksController);
  return AhaSendWebhooksController;
}

import type { IncomingMessage, ServerResponse } from "node:http";

import { type KeptBody, nodeRequest, writeReply } from "@ahasend-webhooks/core/node";

import type { AhaSendWebhooksService } from "./service.js";

const PARSED_BODY_HINT =
  "Exclude the webhook's path from body parsers that are mounted before AhaSendWebhooksModule";

/** One request as Node and as the platform see it. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The platform's own request. */
  native: unknown;
  /** The object on which the platform keeps a body that it has read. @default request */
  kept?: KeptBody;
}

/** Answers one request, and returns before it has been answered. */
export type ExchangeHandler = (exchange: Exchange) => void;

/** Answers one request. Never rejects: nobody above could do more than break the connection. */
export async function handleExchange(
  service: AhaSendWebhooksService,
  { request, response, native, kept }: Exchange,
): Promise<void> {
  try {
    await writeReply(
      request,
      response,
      await service.receive(nodeRequest(request, kept, native, PARSED_BODY_HINT)),
    );
  } catch {
    response.destroy();
  }
}

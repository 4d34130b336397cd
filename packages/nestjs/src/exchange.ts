import type { IncomingMessage, ServerResponse } from "node:http";

import { type KeptBody, nodeRequest, writeReply } from "@ahasend-webhooks/core/node";

import type { AhaSendWebhooksService } from "./service.js";

const PARSED_BODY_HINT =
  "Exclude the webhook path from body parsers that are mounted before AhaSendWebhooksModule";

/** One request and its response, from Node and from the platform. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The platform's own request object. */
  native: unknown;
  /** The object on which the platform keeps the body after reading it. @default request */
  kept?: KeptBody;
}

/** Starts to handle one request; does not wait for the reply. */
export type ExchangeHandler = (exchange: Exchange) => void;

/** Receives one request and writes the reply. Never rejects: if the reply cannot be written, the connection is closed. */
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

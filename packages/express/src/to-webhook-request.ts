import type { WebhookRequest } from "@ahasend-webhooks/core";
import { nodeRequest } from "@ahasend-webhooks/core/node";
import type { Request } from "express";

const PARSED_BODY_HINT =
  "Mount the webhook route before body parsers such as express.json(), or exclude it from them";

/** Creates a webhook request from the untouched stream, or from the raw body that a body parser has kept. */
export function toWebhookRequest(req: Request): WebhookRequest {
  return nodeRequest(req, req, req, PARSED_BODY_HINT);
}

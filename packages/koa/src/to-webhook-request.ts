import type { WebhookRequest } from "@ahasend-webhooks/core";
import { type KeptBody, nodeRequest } from "@ahasend-webhooks/core/node";
import type { Context } from "koa";

/** The key under which koa-body keeps the unparsed string if its option `includeUnparsed` is on. */
const UNPARSED = Symbol.for("unparsedBody");

const PARSED_BODY_HINT =
  "Mount the webhook middleware before body parsers such as @koa/bodyparser, or exclude its path from them";

/** Creates a webhook request from the untouched stream, or from the raw body that a body parser has kept. */
export function toWebhookRequest(ctx: Context): WebhookRequest {
  const { rawBody, body } = ctx.request as KeptBody;
  // koa-body with `patchNode` and serverless platforms keep the body on Node's request.
  const unparsed = readUnparsed(body) ?? readUnparsed((ctx.req as KeptBody).body);
  return nodeRequest(ctx.req, { rawBody: rawBody ?? unparsed, body }, ctx, PARSED_BODY_HINT);
}

function readUnparsed(body: unknown): unknown {
  return typeof body === "object" && body !== null && UNPARSED in body ? body[UNPARSED] : undefined;
}

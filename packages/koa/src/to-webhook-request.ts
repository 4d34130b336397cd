import type { WebhookRequest } from "@ahasend-webhooks/core";
import { type KeptBody, nodeRequest } from "@ahasend-webhooks/core/node";
import type { Context } from "koa";

/** The key under which koa-body keeps the string that it has parsed, with its option `includeUnparsed`. */
const UNPARSED = Symbol.for("unparsedBody");

const PARSED_BODY_HINT =
  "Mount the webhook's middleware before body parsers such as @koa/bodyparser, or exclude its path from them";

/** Creates a request of the untouched stream, or of what a body parser has kept of it. */
export function toWebhookRequest(ctx: Context): WebhookRequest {
  const { rawBody, body } = ctx.request as KeptBody;
  // On Node's request with `patchNode`, or on a serverless platform.
  const unparsed = readUnparsed(body) ?? readUnparsed((ctx.req as KeptBody).body);
  return nodeRequest(ctx.req, { rawBody: rawBody ?? unparsed, body }, ctx, PARSED_BODY_HINT);
}

function readUnparsed(body: unknown): unknown {
  return typeof body === "object" && body !== null && UNPARSED in body ? body[UNPARSED] : undefined;
}

import type { WebhookRequest } from "@ahasend-webhooks/core";
import { nodeRequest } from "@ahasend-webhooks/core/node";
import type { Context } from "koa";

/** Where koa-body leaves the text it has parsed, with its option `includeUnparsed`. */
const UNPARSED = Symbol.for("unparsedBody");

/** The request with its untouched stream, or what a body parser has kept: `rawBody` of @koa/bodyparser, koa-body's unparsed text. */
export function koaRequest(ctx: Context): WebhookRequest {
  const { rawBody, body } = ctx.request as { rawBody?: unknown; body?: unknown };
  const unparsed = typeof body === "object" && body !== null && UNPARSED in body ? body[UNPARSED] : undefined;
  return nodeRequest(ctx.req, { rawBody: rawBody ?? unparsed, body }, ctx);
}

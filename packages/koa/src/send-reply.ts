import { isNativeError } from "node:util/types";

import type { Reply, WebhookError } from "@ahasend-webhooks/core";
import { sealResponse, writeReply } from "@ahasend-webhooks/core/node";
import type { Context } from "koa";

/** Writes the reply past Koa; a failure on our side is then emitted as `error` on the app. */
export async function sendReply(ctx: Context, reply: Reply): Promise<void> {
  // Koa would add a body to a 204, and middleware in front could change the status.
  ctx.respond = false;
  await writeReply(ctx.req, ctx.res, reply);
  // Middleware in front continues now, and may set a cookie or a header.
  if (ctx.res.writableEnded) sealResponse(ctx.res);
  if (reply.error?.isOurFault === true) emitError(ctx, reply.error);
}

/** Calls the listeners one by one: one that fails, such as Koa's own, must not end the process or stop the others. */
function emitError(ctx: Context, error: WebhookError): void {
  // Koa's own listener throws for anything that is not an error.
  const thrown = isNativeError(error.cause) ? error.cause : error;
  for (const listener of ctx.app.rawListeners("error")) {
    new Promise((resolve) => resolve(listener.call(ctx.app, thrown, ctx))).catch(() => undefined);
  }
}

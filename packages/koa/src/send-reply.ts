import { isNativeError } from "node:util/types";

import type { Reply, WebhookError } from "@ahasend-webhooks/core";
import { sealResponse, writeReply } from "@ahasend-webhooks/core/node";
import type { Context } from "koa";

/** Writes the reply without Koa, then emits a failure on our side as `error` on the app. */
export async function sendReply(ctx: Context, reply: Reply): Promise<void> {
  // Koa would add a body to a 204, and earlier middleware could change the status.
  ctx.respond = false;
  await writeReply(ctx.req, ctx.res, reply);
  // Earlier middleware continues now, and may set a cookie or a header.
  if (ctx.res.writableEnded) sealResponse(ctx.res);
  if (reply.error?.isOurFault) emitError(ctx, reply.error);
}

/** Calls each listener separately: one that fails, such as Koa's own, must not end the process or stop the others. */
function emitError(ctx: Context, error: WebhookError): void {
  // Koa's own listener throws if it gets anything but an error.
  const thrown = isNativeError(error.cause) ? error.cause : error;
  for (const listener of ctx.app.rawListeners("error")) {
    new Promise((resolve) => resolve(listener.call(ctx.app, thrown, ctx))).catch(() => undefined);
  }
}

import type { Reply } from "@ahasend-webhooks/core";
import { writeReply } from "@ahasend-webhooks/core/node";
import type { Context } from "koa";

/** Writes the reply past Koa; what went wrong on our side is emitted on the app once the sender has his answer. */
export async function answer(ctx: Context, reply: Reply): Promise<void> {
  const { error } = reply;
  if (error?.status === 500) {
    const tell = () => ctx.app.emit("error", error.cause instanceof Error ? error.cause : error, ctx);
    if (ctx.res.destroyed) tell();
    else ctx.res.once("close", tell);
  }
  // Koa would add a body to a 204 and knows nothing of senders that are still sending.
  ctx.respond = false;
  await writeReply(ctx.req, ctx.res, reply);
}

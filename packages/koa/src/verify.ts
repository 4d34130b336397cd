import { type VerifiedDelivery, type VerifierOptions, createVerifier, refuse } from "@ahasend-webhooks/core";
import { isRefusal, untilEnded } from "@ahasend-webhooks/core/node";
import type { Middleware } from "koa";

import { sendReply } from "./send-reply.js";
import { toWebhookRequest } from "./to-webhook-request.js";

/** The state that `verifyAhaSendWebhook` adds to `ctx.state`. */
export interface VerifiedState {
  ahaSend: VerifiedDelivery;
}

/**
 * Creates middleware that verifies AhaSend webhooks and sets `ctx.state.ahaSend = { event, context }` for the next
 * middleware, which replies. It does not deduplicate: `context.deliveryId` is the same for all attempts of a delivery.
 *
 * The middleware replies to deliveries that it refuses. `body_already_parsed` is a bug in the app and is thrown instead,
 * before anything has been written.
 *
 * @throws {TypeError} if an option is invalid, such as an empty secret, or a missing one without `AHASEND_WEBHOOK_SECRET`
 *
 * @example
 * router.post("/webhooks/ahasend", verifyAhaSendWebhook({ secret }), async (ctx) => {
 *   await queue.add(ctx.state.ahaSend.event.type, ctx.state.ahaSend.event);
 *   ctx.status = 204;
 * });
 */
export function verifyAhaSendWebhook(options: VerifierOptions = {}): Middleware<VerifiedState> {
  const verifier = createVerifier(options);
  return async (ctx, next) => {
    try {
      ctx.state.ahaSend = await verifier.verify(toWebhookRequest(ctx));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return sendReply(ctx, refuse(error));
    }
    await untilEnded(ctx.req);
    // For @koa/bodyparser and koa-bodyparser.
    Object.assign(ctx, { disableBodyParser: true });
    return next();
  };
}

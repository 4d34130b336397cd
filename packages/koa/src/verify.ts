import { type VerifiedDelivery, type VerifierOptions, createVerifier, refuse } from "@ahasend-webhooks/core";
import { isRefusal } from "@ahasend-webhooks/core/node";
import type { Middleware } from "koa";

import { sendReply } from "./send-reply.js";
import { toWebhookRequest } from "./to-webhook-request.js";

/** The addition of `verifyAhaSendWebhook` to `ctx.state`. */
export interface VerifiedState {
  ahaSend: VerifiedDelivery;
}

/**
 * Verifies AhaSend's webhooks and leaves the rest to you: the next middleware finds
 * `ctx.state.ahaSend = { event, context }` and replies. There is no dedupe here: `context.deliveryId` is the key for
 * your own.
 *
 * Refused deliveries are replied to. `body_already_parsed` is a fault of the app: it is thrown instead,
 * before anything has been written.
 *
 * @throws {TypeError} for wrong options, such as an empty secret
 *
 * @example
 * router.post("/webhooks/ahasend", verifyAhaSendWebhook({ secret }), async (ctx) => {
 *   await queue.add(ctx.state.ahaSend.event.type, ctx.state.ahaSend.event);
 *   ctx.status = 204;
 * });
 */
export function verifyAhaSendWebhook(options: VerifierOptions): Middleware<VerifiedState> {
  const verifier = createVerifier(options);
  return async (ctx, next) => {
    try {
      ctx.state.ahaSend = await verifier.verify(toWebhookRequest(ctx));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return sendReply(ctx, refuse(error));
    }
    return next();
  };
}

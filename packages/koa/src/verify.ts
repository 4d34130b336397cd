import {
  type VerifiedDelivery,
  type VerifierOptions,
  createVerifier,
  isWebhookError,
  refuse,
} from "@ahasend-webhooks/core";
import type { Middleware } from "koa";

import { answer } from "./answer.js";
import { koaRequest } from "./request.js";

/** What `verifyAhaSendWebhook` adds to `ctx.state`. */
export interface VerifiedState {
  ahaSend: VerifiedDelivery;
}

/**
 * Verifies AhaSend's webhooks and leaves the rest to you: the next middleware finds
 * `ctx.state.ahaSend = { event, context }` and answers. There is no dedupe here: `context.deliveryId` is the key for
 * your own.
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
      ctx.state.ahaSend = await verifier.verify(koaRequest(ctx));
    } catch (error) {
      if (!isWebhookError(error)) throw error;
      return answer(ctx, refuse(error));
    }
    return next();
  };
}

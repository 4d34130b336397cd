import { type VerifiedDelivery, type VerifierOptions, createVerifier, refuse } from "@ahasend-webhooks/core";
import { isRefusal, untilEnded, writeReply } from "@ahasend-webhooks/core/node";
import type { RequestHandler } from "express";

import { toWebhookRequest } from "./to-webhook-request.js";

declare global {
  namespace Express {
    interface Request {
      /** The verified delivery, set by `verifyAhaSendWebhook`. */
      ahaSend?: VerifiedDelivery;
    }
  }
}

/**
 * Creates middleware that verifies AhaSend webhooks and sets `req.ahaSend = { event, context }` for the next handler,
 * which replies. It does not deduplicate: `context.deliveryId` is the same for all attempts of a delivery.
 *
 * The middleware replies to deliveries that it refuses. `body_already_parsed` is a bug in the app and goes to Express's
 * error handlers instead, before anything has been written.
 *
 * @throws {TypeError} if an option is invalid, such as an empty secret, or a missing one without `AHASEND_WEBHOOK_SECRET`
 *
 * @example
 * app.post("/webhooks/ahasend", verifyAhaSendWebhook({ secret }), async (req, res) => {
 *   await queue.add(req.ahaSend!.event.type, req.ahaSend!.event);
 *   res.sendStatus(204);
 * });
 */
export function verifyAhaSendWebhook(options: VerifierOptions = {}): RequestHandler {
  const verifier = createVerifier(options);
  return (req, res, next) => {
    verifier.verify(toWebhookRequest(req)).then(
      async (delivery) => {
        req.ahaSend = delivery;
        await untilEnded(req);
        // For body parsers of Express 4; later ones look whether the request has ended.
        Object.assign(req, { _body: true });
        next();
      },
      (error: unknown) => (isRefusal(error) ? writeReply(req, res, refuse(error)) : next(error)),
    );
  };
}

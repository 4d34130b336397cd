import { type VerifiedDelivery, type VerifierOptions, createVerifier, refuse } from "@ahasend-webhooks/core";
import { isRefusal, writeReply } from "@ahasend-webhooks/core/node";
import type { RequestHandler } from "express";

import { toWebhookRequest } from "./to-webhook-request.js";

declare global {
  namespace Express {
    interface Request {
      /** The verified delivery, behind `verifyAhaSendWebhook`. */
      ahaSend?: VerifiedDelivery;
    }
  }
}

/**
 * Verifies AhaSend's webhooks and leaves the rest to you: the next handler finds `req.ahaSend = { event, context }`
 * and replies. There is no dedupe here: `context.deliveryId` is the key for your own.
 *
 * Refused deliveries are replied to. `body_already_parsed` is a fault of the app: it goes to Express's error handlers instead,
 * before anything has been written.
 *
 * @throws {TypeError} for wrong options, such as an empty secret
 *
 * @example
 * app.post("/webhooks/ahasend", verifyAhaSendWebhook({ secret }), async (req, res) => {
 *   await queue.add(req.ahaSend!.event.type, req.ahaSend!.event);
 *   res.sendStatus(204);
 * });
 */
export function verifyAhaSendWebhook(options: VerifierOptions): RequestHandler {
  const verifier = createVerifier(options);
  return (req, res, next) => {
    verifier.verify(toWebhookRequest(req)).then(
      (delivery) => {
        req.ahaSend = delivery;
        next();
      },
      (error: unknown) => (isRefusal(error) ? writeReply(req, res, refuse(error)) : next(error)),
    );
  };
}

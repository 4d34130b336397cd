import {
  type VerifiedDelivery,
  type VerifierOptions,
  createVerifier,
  isWebhookError,
  refuse,
} from "@ahasend-webhooks/core";
import { nodeRequest } from "@ahasend-webhooks/core/node";
import type { RequestHandler } from "express";

import { answer } from "./answer.js";

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
 * and answers. There is no dedupe here: `context.deliveryId` is the key for your own.
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
    verifier
      .verify(nodeRequest(req))
      .then(
        (delivery) => {
          req.ahaSend = delivery;
          next();
        },
        (error: unknown) => (isWebhookError(error) ? answer(req, res, next, refuse(error)) : next(error)),
      )
      .catch(next);
  };
}

import {
  type Receiver,
  type ReceiverOptions,
  type StoreOption,
  createReceiver,
} from "@ahasend-webhooks/core";
import { nodeRequest } from "@ahasend-webhooks/core/node";
import type { RequestHandler } from "express";

import { answer } from "./answer.js";

/**
 * Receives AhaSend's webhooks on a route: verifies, deduplicates and handles each delivery and answers it. Mount it
 * before body parsers such as `express.json()`, or exclude the route from them.
 *
 * What a handler throws reaches Express's error handlers after AhaSend has been told to come back; what it throws
 * after the deadline reaches `onOutcome` only.
 *
 * @throws {TypeError} for wrong options, such as an empty secret
 *
 * @example
 * app.post("/webhooks/ahasend", ahaSendWebhooks({
 *   secret: process.env.AHASEND_WEBHOOK_SECRET!,
 *   on: { "message.bounced": (event) => suppress(event.data.recipient) },
 * }));
 */
export function ahaSendWebhooks<Chosen extends StoreOption = undefined>(
  receiverOrOptions: Receiver | ReceiverOptions<Chosen>,
): RequestHandler {
  const receiver = "receive" in receiverOrOptions ? receiverOrOptions : createReceiver(receiverOrOptions);
  return (req, res, next) => {
    receiver
      .receive(nodeRequest(req))
      .then((reply) => answer(req, res, next, reply))
      .catch(next);
  };
}

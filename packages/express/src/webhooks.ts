import type { Receiver, ReceiverOptions, StoreOption } from "@ahasend-webhooks/core";
import { toReceiver, writeReply } from "@ahasend-webhooks/core/node";
import type { RequestHandler } from "express";

import { toWebhookRequest } from "./to-webhook-request.js";

/**
 * Receives AhaSend's webhooks on a route: verifies, deduplicates and handles each delivery and replies to it. Mount it
 * before body parsers such as `express.json()`, or exclude the route from them.
 *
 * Failures are reported to `onOutcome` (by default they are logged on the console), not to Express's error handlers:
 * the reply has been written by then.
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
  const receiver = toReceiver(receiverOrOptions);
  return (req, res, next) => {
    // `next` is for a receiver of your own that rejects: nothing has been written then.
    receiver.receive(toWebhookRequest(req)).then((reply) => writeReply(req, res, reply), next);
  };
}

import type { Receiver, ReceiverOptions, StoreOption } from "@ahasend-webhooks/core";
import { toReceiver, writeReply } from "@ahasend-webhooks/core/node";
import type { RequestHandler } from "express";

import { toWebhookRequest } from "./to-webhook-request.js";

/**
 * Creates a route handler that receives AhaSend webhooks: it verifies, deduplicates and handles each delivery, then
 * replies. Mount it before body parsers such as `express.json()`, or exclude the route from them.
 *
 * Failures are reported to `onOutcome` (default: logged to the console), not to Express's error handlers, because the
 * reply has already been written.
 *
 * @throws {TypeError} if an option is invalid, such as an empty secret, or a missing one without `AHASEND_WEBHOOK_SECRET`
 *
 * @example
 * app.post("/webhooks/ahasend", ahaSendWebhooks({
 *   secret: process.env.AHASEND_WEBHOOK_SECRET!,
 *   on: { "message.bounced": (event) => suppress(event.data.recipient) },
 * }));
 */
export function ahaSendWebhooks<ChosenStore extends StoreOption = undefined>(
  receiverOrOptions: Receiver | ReceiverOptions<ChosenStore>,
): RequestHandler {
  const receiver = toReceiver(receiverOrOptions);
  return (req, res, next) => {
    // Only a custom receiver can reject, and then nothing has been written.
    receiver.receive(toWebhookRequest(req)).then((reply) => writeReply(req, res, reply), next);
  };
}

import {
  type Receiver,
  type ReceiverOptions,
  type StoreOption,
  createReceiver,
} from "@ahasend-webhooks/core";
import type { Middleware } from "koa";

import { answer } from "./answer.js";
import { koaRequest } from "./request.js";

/** Where the middleware listens. */
export interface MountOptions {
  /** Take only requests to this path, for apps without a router. @default all that reach it */
  path?: string;
}

/**
 * Receives AhaSend's webhooks: verifies, deduplicates and handles each delivery and answers it. Mount it before body
 * parsers, or exclude its path from them.
 *
 * What a handler throws is emitted as `error` on the app after AhaSend has been told to come back; what it throws
 * after the deadline reaches `onOutcome` only.
 *
 * @throws {TypeError} for wrong options, such as an empty secret
 *
 * @example
 * router.post("/webhooks/ahasend", ahaSendWebhooks({
 *   secret: process.env.AHASEND_WEBHOOK_SECRET!,
 *   on: { "message.bounced": (event) => suppress(event.data.recipient) },
 * }));
 */
export function ahaSendWebhooks<Chosen extends StoreOption = undefined>(
  receiverOrOptions: Receiver | ReceiverOptions<Chosen>,
  { path }: MountOptions = {},
): Middleware {
  const receiver = "receive" in receiverOrOptions ? receiverOrOptions : createReceiver(receiverOrOptions);
  return async (ctx, next) => {
    if (path !== undefined && ctx.path !== path) await next();
    else await answer(ctx, await receiver.receive(koaRequest(ctx)));
  };
}

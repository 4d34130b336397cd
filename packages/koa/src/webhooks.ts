import type { Receiver, ReceiverOptions, StoreOption } from "@ahasend-webhooks/core";
import { toReceiver } from "@ahasend-webhooks/core/node";
import type { Context, Middleware } from "koa";

import { sendReply } from "./send-reply.js";
import { toWebhookRequest } from "./to-webhook-request.js";

/** Options of the middleware. */
export interface MountOptions {
  /**
   * Take only requests to this path, with or without a slash at its end, for apps without a router.
   * @default all that reach it
   */
  path?: string;
}

/**
 * Receives AhaSend's webhooks: verifies, deduplicates and handles each delivery and replies to it. Mount it before body
 * parsers, or exclude its path from them.
 *
 * Failures are reported to `onOutcome` (by default they are logged on the console). What a handler throws is also
 * emitted as `error` on the app, after the reply has been written; what it throws after the deadline is not.
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
  const receiver = toReceiver(receiverOrOptions);
  if (path !== undefined) assertPath(path);
  return async (ctx, next) => {
    if (path !== undefined && removeTrailingSlash(readPath(ctx)) !== removeTrailingSlash(path)) await next();
    else await sendReply(ctx, await receiver.receive(toWebhookRequest(ctx)));
  };
}

/** The characters of a URL's path, without those of patterns. */
const URL_PATH = /^\/[\w\-.~!$&'+,;=@%/]*$/;

/** A path that no request can have would mean 404 for every delivery. */
function assertPath(path: unknown): asserts path is string {
  if (typeof path === "string" && URL_PATH.test(path)) return;
  throw new TypeError(
    `path must be the path of a URL, such as "/webhooks/ahasend", got ${JSON.stringify(path)}: for parameters use a router.`,
  );
}

/** Koa throws for a request target that is not a URL, and a stranger may send one. */
function readPath(ctx: Context): string {
  try {
    return ctx.path;
  } catch {
    return "";
  }
}

function removeTrailingSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

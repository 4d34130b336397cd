import type { Receiver, ReceiverOptions, StoreOption } from "@ahasend-webhooks/core";
import { assertKnownOptions } from "@ahasend-webhooks/core";
import { toReceiver } from "@ahasend-webhooks/core/node";
import type { Context, Middleware } from "koa";

import { sendReply } from "./send-reply.js";
import { toWebhookRequest } from "./to-webhook-request.js";

/** Options of the Koa middleware. */
export interface MountOptions {
  /**
   * Receive only requests to this path, with or without a trailing slash. For apps without a router.
   * @default every path
   */
  path?: string;
}

/**
 * Creates middleware that receives AhaSend webhooks: it verifies, deduplicates and handles each delivery, then replies.
 * Mount it before body parsers, or exclude its path from them.
 *
 * Failures are reported to `onOutcome` (default: logged to the console). Errors thrown by a handler are also emitted as
 * `error` on the app, after the reply has been written; errors thrown after the deadline are not.
 *
 * @throws {TypeError} if an option is invalid, such as an empty secret, or a missing one without `AHASEND_WEBHOOK_SECRET`
 *
 * @example
 * router.post("/webhooks/ahasend", ahaSendWebhooks({
 *   secret: process.env.AHASEND_WEBHOOK_SECRET!,
 *   on: { "message.bounced": (event) => suppress(event.data.recipient) },
 * }));
 */
export function ahaSendWebhooks<ChosenStore extends StoreOption = undefined>(
  receiverOrOptions: Receiver | ReceiverOptions<ChosenStore>,
  mountOptions: MountOptions = {},
): Middleware {
  // Without the path, it would answer every request to the app.
  assertKnownOptions(mountOptions, ["path"]);
  const { path } = mountOptions;
  const receiver = toReceiver(receiverOrOptions);
  if (path !== undefined) assertPath(path);
  return async (ctx, next) => {
    if (path !== undefined && removeTrailingSlash(readPath(ctx)) !== removeTrailingSlash(path)) await next();
    else await sendReply(ctx, await receiver.receive(toWebhookRequest(ctx)));
  };
}

/** Matches the characters of a URL path, but not those of a route pattern. */
const URL_PATH = /^\/[\w\-.~!$&'+,;=@%/]*$/;

/** Rejects a path that no request can match: every delivery would get 404. */
function assertPath(path: unknown): asserts path is string {
  if (typeof path === "string" && URL_PATH.test(path)) return;
  throw new TypeError(
    `path must be the path of a URL, such as "/webhooks/ahasend", got ${JSON.stringify(path)}. For parameters, use a router.`,
  );
}

/** Koa throws if the request target is not a URL, and anyone can send one. */
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

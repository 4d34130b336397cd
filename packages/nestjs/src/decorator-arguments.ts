import { assertKnownOptions } from "@ahasend-webhooks/core";

import type { Subscription } from "./subscriptions.js";

const USAGE = '@OnAhaSendEvent("message.bounced", "message.failed", { name: "inbound" })';

/** Returns what the arguments of the decorator subscribe to. Event types are checked with the handlers. @throws {TypeError} */
export function toSubscription(args: readonly unknown[]): Subscription {
  const last = args.at(-1);
  const options = typeof last === "string" ? undefined : (last as { name?: unknown } | undefined);
  const keys = options === undefined ? args : args.slice(0, -1);
  if (keys.length === 0 || !keys.every((key) => typeof key === "string") || Array.isArray(options)) {
    throw new TypeError(`@OnAhaSendEvent takes event types, and options after them: ${USAGE}.`);
  }
  if (options === undefined) return { keys, name: undefined };
  assertKnownOptions(options, ["name"]);
  if (options.name !== undefined && typeof options.name !== "string") {
    throw new TypeError(`The name in @OnAhaSendEvent is that of an endpoint, a string: ${USAGE}.`);
  }
  return { keys, name: options.name };
}

/** @throws {TypeError} if the decorator is not called for a method of instances, as TypeScript's `experimentalDecorators` do */
export function assertLegacyDecorator(target: unknown, key: unknown): asserts key is string | symbol {
  if (typeof key === "object" && key !== null && "kind" in key) {
    throw new TypeError(
      "@OnAhaSendEvent is a decorator as Nest uses them: set experimentalDecorators to true in tsconfig.json (with SWC: legacyDecorator).",
    );
  }
  if (typeof target !== "function") return;
  throw new TypeError(
    `@OnAhaSendEvent cannot decorate ${String(key)}: it is static. Use an instance method.`,
  );
}

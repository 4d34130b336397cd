import { readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { type SignDeliveryOptions, type SignedDelivery, signDelivery } from "../sign-delivery.js";
import { parseDelivery } from "./delivery-file.js";

/** Options of {@link loadDeliveries}. */
export interface LoadDeliveriesOptions extends Pick<SignDeliveryOptions, "secret" | "at" | "secretFormat"> {
  /** The secret of the inbound route under test, which signs `message.routing`. @default the same as `secret` */
  routeSecret?: string;
}

/** A recorded delivery, signed again. */
export interface LoadedDelivery extends SignedDelivery {
  /** The name of the file: `0001-message.bounced.http`. */
  name: string;
  /** The type of the event. */
  type: string;
}

const EXTENSION = ".http";

/**
 * Loads the deliveries that `ahasend-webhooks capture` recorded, from a folder or one file, in the order of their
 * numbers. Each keeps its `webhook-id` and its exact body, and gets a new timestamp and signature: receivers refuse a
 * signature that is older than 5 minutes.
 *
 * @throws {TypeError} if there is none, a file is not a recorded delivery, or the secret is not valid
 * @throws {Error} if the path cannot be read
 *
 * @example
 * it.each(loadDeliveries("test/deliveries", { secret }))("handles $name", async ({ headers, body }) => {
 *   const { status } = await receiver.receive({ headers, body });
 *   expect(status).toBe(204);
 * });
 */
export function loadDeliveries(
  path: string | URL,
  { secret, routeSecret = secret, ...options }: LoadDeliveriesOptions,
): LoadedDelivery[] {
  const start = typeof path === "string" ? path : fileURLToPath(path);
  return listFiles(start).map((file) => {
    const { headers, body } = parseDelivery(readFileSync(file), file);
    const type = readType(body);
    const isRoute = type === "message.routing" || type === "route.message";
    const id = headers["webhook-id"] ?? "";
    const signed = signDelivery({ ...options, secret: isRoute ? routeSecret : secret, event: body, id });
    return { name: basename(file), type, ...signed };
  });
}

function listFiles(start: string): string[] {
  if (!statSync(start).isDirectory()) return [start];
  const names = readdirSync(start).filter((name) => name.endsWith(EXTENSION));
  if (names.length === 0) {
    throw new TypeError(
      `${start} has no ${EXTENSION} file: record deliveries with npx @ahasend-webhooks/emulator capture.`,
    );
  }
  const byNumber = new Intl.Collator("en", { numeric: true });
  return names.toSorted((one, other) => byNumber.compare(one, other)).map((name) => join(start, name));
}

/** @returns an empty string for a body without a type */
function readType(body: string): string {
  try {
    const { type } = JSON.parse(body) as { type?: unknown };
    return typeof type === "string" ? type : "";
  } catch {
    return "";
  }
}

import type { MessageRoutingEvent } from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";

/**
 * Returns a header of an inbound mail by its name in Go's canonical form, such as `List-Id`: `""` if it is missing or the route
 * does not send headers. Its sender chooses the names, so only own fields count.
 */
export function readHeader({ data }: MessageRoutingEvent, name: string): string {
  const headers: unknown = data.headers;
  if (typeof headers !== "object" || headers === null || !Object.hasOwn(headers, name)) return "";
  return readString((headers as Record<string, unknown>)[name]).trim();
}

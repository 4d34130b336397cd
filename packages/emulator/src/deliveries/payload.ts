import type { AhaSendEvent, UnknownEvent } from "@ahasend-webhooks/core";
import { serialize } from "@ahasend-webhooks/testing";

import type { Endpoint, InboundRoute } from "../endpoints/endpoint.js";
import { getFaultEffect } from "../faults/fault-effects.js";
import type { Fault } from "../faults/faults.js";
import { stripReplies } from "./strip-replies.js";

type Fields = Record<string, unknown>;

/** An event before it is addressed to an endpoint. */
export interface Payload {
  type: string;
  data: Fields;
  /** All fields of the event, or the exact body if it was passed as a string. */
  content: Fields | string;
}

/**
 * Reads an event or the exact body of a delivery, and applies the faults that change events.
 *
 * @throws {TypeError} if the event has no type
 */
export function readPayload(event: AhaSendEvent | UnknownEvent | string, faults: readonly Fault[]): Payload {
  let content: Fields | string = typeof event === "string" ? event : { ...event };
  for (const fault of faults) {
    const effect = getFaultEffect(fault);
    if ("changeEvent" in effect) content = effect.changeEvent(requireFields(content), fault);
  }
  const { type, data } = typeof content === "string" ? (tryParse(content) ?? {}) : content;
  if (typeof event !== "string" && typeof type !== "string") {
    throw new TypeError(
      "The event has no type: create it with createEvent, or pass the exact body as a string.",
    );
  }
  return { type: typeof type === "string" ? type : "", data: isFields(data) ? data : {}, content };
}

/**
 * Returns the body for an endpoint: with the endpoint's id, and without what an inbound route is set to leave out.
 *
 * @throws {TypeError} if the event is nested too deeply
 */
export function serializeBody(endpoint: Endpoint, { content }: Payload): string {
  if (typeof content === "string") return content;
  const { type, timestamp, webhook_id: _webhookId, route_id: _routeId, data, ...rest } = content;
  const isRoute = endpoint.kind === "route";
  return serializeEvent({
    type,
    timestamp,
    [isRoute ? "route_id" : "webhook_id"]: endpoint.id,
    data: isRoute && isFields(data) ? omitUnsentFields(data, endpoint) : data,
    ...rest,
  });
}

/** @throws {TypeError} if the event is nested too deeply */
function serializeEvent(event: Fields): string {
  try {
    return serialize(event);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new TypeError("The event is nested too deeply to be written as JSON: pass its body as a string.", {
      cause,
    });
  }
}

function omitUnsentFields(
  data: Fields,
  { attachments, headers, strip_replies }: Pick<InboundRoute, "attachments" | "headers" | "strip_replies">,
): Fields {
  const { headers: mailHeaders, ...others } = data;
  return {
    ...others,
    ...(strip_replies && stripReplies(data)),
    // Go writes null for a slice that nothing was appended to.
    ...(!attachments && { attachments: null }),
    ...(headers && mailHeaders !== undefined && { headers: mailHeaders }),
  };
}

/** @throws {TypeError} if the body is not a JSON object */
function requireFields(content: Fields | string): Fields {
  const fields = typeof content === "string" ? tryParse(content) : content;
  if (fields === undefined) {
    throw new TypeError("The body is not a JSON object: leave out faults that change the event.");
  }
  return fields;
}

function tryParse(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

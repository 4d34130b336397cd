import type { AhaSendEvent, UnknownEvent } from "@ahasend-webhooks/core";
import { serialize } from "@ahasend-webhooks/testing";

import type { Endpoint } from "../endpoints/endpoint.js";
import type { Fault } from "../faults/faults.js";

type Fields = Record<string, unknown>;

/** An event before it is addressed to an endpoint. */
export interface Payload {
  type: string;
  data: Fields;
  /** All fields, or the exact text of the body when that is what was given. */
  content: Fields | string;
}

/**
 * Reads an event, or the exact text of a body, and makes the changes that faults ask for.
 *
 * @throws {TypeError} for an event without a type
 */
export function readPayload(event: AhaSendEvent | UnknownEvent | string, faults: readonly Fault[]): Payload {
  let content: Fields | string = typeof event === "string" ? event : { ...event };
  for (const fault of faults) {
    if (fault.kind === "unknown_type")
      content = { ...requireFields(content), type: fault.type ?? "message.teleported" };
    if (fault.kind === "extra_fields") content = addExtraFields(requireFields(content));
  }
  const { type, data } = typeof content === "string" ? (tryParse(content) ?? {}) : content;
  if (typeof event !== "string" && typeof type !== "string") {
    throw new TypeError("The event has no type: make it with createEvent, or give the exact text of a body.");
  }
  return { type: typeof type === "string" ? type : "", data: isFields(data) ? data : {}, content };
}

/**
 * The body that an endpoint gets: its own id in the envelope, and of an e-mail what its route sends along.
 *
 * @throws {TypeError} for an event that is nested too deeply
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

/** @throws {TypeError} when there is no end to it */
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
  { attachments, headers }: { attachments: boolean; headers: boolean },
): Fields {
  const { headers: sentHeaders, ...others } = data;
  return {
    ...others,
    // What Go writes for a slice that nothing was appended to.
    ...(!attachments && { attachments: null }),
    ...(headers && sentHeaders !== undefined && { headers: sentHeaders }),
  };
}

/** What appears one day without notice, in each place where it can. */
function addExtraFields(event: Fields): Fields {
  const extra = { emulated_extra_field: { list: [1, "two", null], "<&>": "\u2028" } };
  return {
    ...event,
    data: isFields(event["data"]) ? { ...event["data"], ...extra } : event["data"],
    ...extra,
  };
}

function requireFields(content: Fields | string): Fields {
  const fields = typeof content === "string" ? tryParse(content) : content;
  if (fields === undefined)
    throw new TypeError("The body is no JSON object: leave out faults that change one.");
  return fields;
}

function tryParse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

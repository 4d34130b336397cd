import { createEventId } from "@ahasend-webhooks/testing";

import type { Endpoint } from "../endpoints/endpoint.js";
import { findMatchedRecipients } from "./is-subscribed.js";
import type { Payload } from "./payload.js";

/**
 * Returns the payloads of an endpoint that is subscribed to an event: one, and for an inbound route that does not group
 * one for each address it matches, with that address in `to`.
 */
export function addressPayload(endpoint: Endpoint, payload: Payload): Payload[] {
  const { content, data } = payload;
  if (endpoint.kind === "webhook" || endpoint.group_by_message_id || typeof content === "string") {
    return [payload];
  }
  const addresses = findMatchedRecipients(endpoint, payload);
  return addresses.length === 0 ? [payload] : addresses.map((to) => withData(payload, { ...data, to }));
}

/** Gives an inbound e-mail an id of its own: AhaSend makes one for each delivery. */
export function withNewEventId(payload: Payload): Payload {
  const isRouting = "message_id" in payload.data;
  return isRouting ? withData(payload, { ...payload.data, id: createEventId() }) : payload;
}

function withData(payload: Payload, data: Payload["data"]): Payload {
  const { content } = payload;
  return typeof content === "string" ? payload : { ...payload, data, content: { ...content, data } };
}

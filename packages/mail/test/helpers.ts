import type { MessageRoutingEvent, RoutingAttachment, RoutingData } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";

/** An inbound mail; its fields may be of any type, as an authentic event's may. */
export function createMail(data: { [Name in keyof RoutingData]?: unknown } = {}): MessageRoutingEvent {
  const event = createEvent("message.routing");
  return { ...event, data: { ...event.data, ...data } as RoutingData };
}

/** An attachment without content id. */
export function createAttachment(
  filename: string,
  changes: Partial<RoutingAttachment> = {},
): RoutingAttachment {
  const content = { content_type: "text/plain", content_id: "", disposition: "attachment", data: "ZGF0YQ==" };
  return { filename, ...content, ...changes };
}

export function createPicture(
  content_id: string,
  changes: Partial<RoutingAttachment> = {},
): RoutingAttachment {
  return createAttachment("logo.png", {
    content_type: "image/png",
    disposition: "inline",
    content_id,
    ...changes,
  });
}

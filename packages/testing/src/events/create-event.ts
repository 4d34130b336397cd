import { type AhaSendEventOf, type AhaSendEventType, eventTypes, findClosest } from "@ahasend-webhooks/core";

import { toCanonicalHeaders } from "./canonical-headers.js";
import { createEventId, createMessageId } from "./ids.js";
import { fieldOrder, samples } from "./samples.js";

/** Changes to a sample event, merged into it and into its `data`; `undefined` removes a field. */
export type EventOverrides<Type extends AhaSendEventType> = Optional<
  Omit<AhaSendEventOf<Type>, "type" | "data">
> & {
  data?: Optional<AhaSendEventOf<Type>["data"]>;
};

type Optional<Fields> = { [Name in keyof Fields]?: Fields[Name] | undefined };
type Fields = Record<string, unknown>;

/**
 * Creates an event as AhaSend sends it: realistic data, a new message id, and fields in AhaSend's order, so that
 * {@link serialize} produces the same byte layout. Headers of an inbound e-mail get Go's names, in order.
 *
 * @throws {TypeError} if the type is unknown
 *
 * @example
 * createEvent("message.bounced", { data: { recipient: "gone@example.com" } });
 */
export function createEvent<Type extends AhaSendEventType>(
  type: Type,
  overrides: EventOverrides<Type> = {},
): AhaSendEventOf<Type> {
  assertEventType(type);
  const { data, ...envelope } = overrides as Fields & { data?: Fields };
  const event = {
    timestamp: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    [type === "message.routing" ? "route_id" : "webhook_id"]: "9aaf3ea1-b6f8-42c9-a930-5601b530bdd1",
    ...envelope,
    type,
    data: sortFields({ ...createIds(type), ...samples[type], ...data }, selectDataOrder(type)),
  };
  return sortFields(event, fieldOrder.envelope) as unknown as AhaSendEventOf<Type>;
}

/** @throws {TypeError} if it is not an event type */
export function assertEventType(type: unknown): void {
  if (eventTypes.some((each) => each === type)) return;
  const meant = typeof type === "string" ? findClosest(type, eventTypes) : undefined;
  const cure = meant === undefined ? `use one of ${eventTypes.join(", ")}.` : `did you mean ${meant}?`;
  throw new TypeError(`${JSON.stringify(type)} is not an event type: ${cure}`);
}

function createIds(type: AhaSendEventType): Fields {
  if (type === "suppression.created" || type === "domain.dns_error") return {};
  const [header, domain] =
    type === "message.routing" ? ["message_id", "customer.example"] : ["message_id_header", "acme.example"];
  return { id: createEventId(), [header]: createMessageId(domain) };
}

/** Returns the fields of `data` in the order of AhaSend's JSON. */
export function selectDataOrder(type: AhaSendEventType): readonly string[] {
  if (type === "message.routing") return fieldOrder.routing;
  if (type === "suppression.created") return fieldOrder.suppression;
  return type === "domain.dns_error" ? fieldOrder.domain : fieldOrder.message;
}

/** Returns a copy with its fields, and those of nested objects, in AhaSend's order. */
function sortFields(fields: Fields, order: readonly string[]): Fields {
  const names = [
    ...order.filter((name) => name in fields),
    ...Object.keys(fields).filter((name) => !order.includes(name)),
  ];
  const copy: Fields = {};
  for (const name of names) {
    const value = fields[name];
    if (value === undefined) continue;
    copy[name] = sortNestedFields(name, value);
  }
  return copy;
}

function sortNestedFields(name: string, value: unknown): unknown {
  if (name === "delivery_attempt" && value !== null) return sortFields(value as Fields, fieldOrder.attempt);
  if (name === "attachments" && Array.isArray(value)) {
    return value.map((attachment: Fields) => sortFields(attachment, fieldOrder.attachment));
  }
  if (name === "headers" && typeof value === "object" && value !== null) return toCanonicalHeaders(value);
  return value;
}

import { type AhaSendEventType, eventTypes, verify } from "@ahasend-webhooks/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  type EventOverrides,
  createDeliveryId,
  createEvent,
  listEventFields,
  serialize,
  signDelivery,
  vectors,
} from "../src/index.js";

const uuid7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe("createEvent", () => {
  it.each(eventTypes)("creates a %s event that verifies", (type) => {
    const event = createEvent(type);
    const verified = verify(signDelivery({ secret, event }), { secret });
    expect(verified.event).toEqual(event);
    expect(event.type).toBe(type);
    expect(Object.keys(event)).toEqual([
      "type",
      "timestamp",
      type === "message.routing" ? "route_id" : "webhook_id",
      "data",
    ]);
  });

  it("overrides the given fields and removes those that are undefined", () => {
    const event = createEvent("message.bounced", {
      timestamp: "2026-07-14T15:03:21.123456789Z",
      webhook_id: undefined,
      data: { recipient: "gone@example.com", delivery_attempt: undefined },
    });
    expect(event).toMatchObject({
      timestamp: "2026-07-14T15:03:21.123456789Z",
      data: { recipient: "gone@example.com" },
    });
    expect(event).not.toHaveProperty("webhook_id");
    expect(event.data).not.toHaveProperty("delivery_attempt");
  });

  it("creates ids as AhaSend does: new each time, and unrelated to the message id", () => {
    const [first, second] = [createEvent("message.opened").data, createEvent("message.opened").data];
    expect(first.id).not.toBe(second.id);
    expect(first.message_id_header).not.toBe(second.message_id_header);
    expect(first.id).toMatch(/^[0-9a-f]{32}$/);
    expect(first.message_id_header).toMatch(new RegExp(`^<${uuid7}@acme\\.example>$`));
    expect(createDeliveryId()).toMatch(new RegExp(`^${uuid7}$`));
    const inbound = createEvent("message.routing").data;
    expect(inbound.message_id).toMatch(new RegExp(`^<${uuid7}@customer\\.example>$`));
  });

  it("puts the time into a delivery id, so that ids sort by it", () => {
    const milliseconds = Number.parseInt(createDeliveryId().replaceAll("-", "").slice(0, 12), 16);
    expect(Math.abs(milliseconds - Date.now())).toBeLessThan(5000);
  });

  it("writes the headers of an inbound e-mail with Go's names, sorted", () => {
    const headers = { "x-b": "1", "MESSAGE-ID": "2", "dkim-signature": "3", "not a token": "4" };
    const event = createEvent("message.routing", { data: { headers } });
    expect(Object.entries(event.data.headers!)).toEqual([
      ["Dkim-Signature", "3"],
      ["Message-Id", "2"],
      ["X-B", "1"],
      ["not a token", "4"],
    ]);
    const sample = Object.keys(createEvent("message.routing").data.headers!);
    expect(sample).toEqual(sample.toSorted());
    expect(sample).toContain("X-Customer-Id");
  });

  it("dates events as AhaSend does: message events in seconds, suppressions in microseconds", () => {
    expect(createEvent("message.bounced").timestamp).toMatch(/:\d\dZ$/);
    const { created_at, expires_at } = createEvent("suppression.created").data;
    for (const time of [created_at, expires_at]) expect(time).toMatch(/\.\d{6}Z$/);
    expect((Date.parse(expires_at) - Date.parse(created_at)) % 86_400_000).not.toBe(0);
  });

  it("lists the event types if the given one is unknown", () => {
    expect(() => createEvent("message.teleported" as "message.opened")).toThrow(
      /use one of message\.reception, /,
    );
  });
});

describe("serialize", () => {
  const known = vectors.filter(({ type }) => eventTypes.includes(type as AhaSendEventType));

  it.each(known)("produces the byte layout of the vector $name", (vector) => {
    const sent = JSON.parse(vector.body) as { type: AhaSendEventType; data: object };
    const sample = createEvent(vector.type as AhaSendEventType);
    const shuffled = {
      ...toUndefined(sample),
      ...Object.fromEntries(Object.entries(sent).toReversed()),
      data: { ...toUndefined(sample.data), ...Object.fromEntries(Object.entries(sent.data).toReversed()) },
    };
    const event = createEvent(vector.type as AhaSendEventType, shuffled as EventOverrides<AhaSendEventType>);
    expect(serialize({ ...event, type: sent.type })).toBe(vector.body);
  });

  it("escapes the characters that Go escapes without changing the value", () => {
    const awkward = fc.string({
      unit: fc.constantFrom("<", ">", "&", "\u2028", "\u2029", "\\", '"', "\u0000", "\n", "u003c", "🐝", "ü"),
    });
    fc.assert(
      fc.property(fc.dictionary(awkward, awkward), (value) => {
        const text = serialize(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(text).not.toMatch(/[<>&\u2028\u2029]/);
      }),
    );
  });

  it("replaces lone surrogates, which UTF-8 cannot encode", () => {
    expect(serialize({ name: "a\ud800b\udfff🐝" })).toBe('{"name":"a\\ufffdb\\ufffd🐝"}');
    expect(serialize("\\ud800")).toBe('"\\\\ud800"');
  });
});

describe("signDelivery", () => {
  it("signs with the current time and a new id by default", () => {
    const deliveries = [1, 2].map(() => signDelivery({ secret, event: createEvent("message.opened") }));
    const ids = deliveries.map((delivery) => verify(delivery, { secret }).context.deliveryId);
    expect(new Set(ids).size).toBe(2);
  });

  it("accepts a time, an id, an exact body and a secret format", () => {
    const at = new Date("2026-07-14T15:03:21.900Z");
    const base64Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const delivery = signDelivery({
      secret: base64Secret,
      secretFormat: "base64",
      event: '{"type":"x"}',
      at,
      id: "msg_1",
    });
    expect(delivery.headers).toMatchObject({ "webhook-id": "msg_1", "webhook-timestamp": "1784041401" });
    const options = { secret: base64Secret, secretFormat: "base64", now: () => at.getTime() } as const;
    expect(verify(delivery, options).event.type).toBe("x");
  });
});

function toUndefined(fields: object): object {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, undefined]));
}

describe("listEventFields", () => {
  it.each(eventTypes)("names every field of a %s event", (type) => {
    const { data, ...envelope } = createEvent(type);
    const fields = listEventFields(type);
    expect(Object.keys(envelope).filter((name) => !fields.includes(name))).toEqual([]);
    expect(Object.keys(data).filter((name) => !fields.includes(`data.${name}`))).toEqual([]);
  });

  it("names fields of objects, and refuses an unknown type", () => {
    expect(listEventFields("message.failed")).toContain("data.delivery_attempt.classification");
    expect(() => listEventFields("message.bouncd" as "message.bounced")).toThrow(TypeError);
  });
});

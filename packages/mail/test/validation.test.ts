import { eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { eventSchema, validateEvent } from "../src/index.js";
import { createMail } from "./helpers.js";

describe("validateEvent", () => {
  it.each(eventTypes)("finds nothing wrong with %s as AhaSend documents it", (type) => {
    expect(validateEvent(createEvent(type))).toEqual([]);
  });

  it("finds nothing wrong with unknown types and unknown fields", () => {
    expect(
      validateEvent({ type: "message.archived", timestamp: "2026-07-14T15:03:21Z", data: null }),
    ).toEqual([]);
    const event = createEvent("message.opened", { data: { score: 3 } as object });
    expect(validateEvent({ ...event, tenant: { id: 7 } })).toEqual([]);
  });

  it("reads the deprecated name of message.routing as that type", () => {
    expect(validateEvent({ ...createMail({ size: "7" }), type: "route.message" })).toEqual([
      { path: ["data", "size"], message: "must be a number" },
    ]);
  });

  it("names every documented field that is missing or of another type, and holds no value", () => {
    const event = createEvent("message.bounced", {
      data: {
        recipient: undefined,
        subject: 7 as never,
        event: "on_opened" as never,
        delivery_attempt: { smtp_code: "550", response: null } as never,
      },
    });
    expect(validateEvent({ ...event, timestamp: null })).toEqual([
      { path: ["timestamp"], message: "must be a string" },
      { path: ["data", "recipient"], message: "is missing: a string is documented" },
      { path: ["data", "subject"], message: "must be a string" },
      { path: ["data", "delivery_attempt", "smtp_code"], message: "must be a number" },
      { path: ["data", "delivery_attempt", "response"], message: "must be a string" },
      { path: ["data", "event"], message: 'must be "on_bounced"' },
    ]);
  });

  it("accepts null where it occurs, and reports it elsewhere", () => {
    expect(validateEvent(createMail({ attachments: null }))).toEqual([]);
    expect(validateEvent(createEvent("message.failed", { data: { delivery_attempt: null } }))).toEqual([]);
    expect(
      validateEvent(
        createMail({ headers: { Subject: null }, reply_to: null, attachments: [null, { filename: "" }] }),
      ),
    ).toEqual([
      { path: ["data", "attachments", 0], message: "must be an object" },
      { path: ["data", "attachments", 1, "content_type"], message: "is missing: a string is documented" },
      { path: ["data", "attachments", 1, "data"], message: "is missing: a string is documented" },
      { path: ["data", "reply_to"], message: "must be a string" },
      { path: ["data", "headers"], message: "must be an object of strings" },
    ]);
  });

  it.each([[undefined], [null], [7], ["x"], [[]]])("reports that %j is not an event", (value) => {
    expect(validateEvent(value)).toEqual([{ path: [], message: "must be an object" }]);
  });

  it("reports data that is not an object", () => {
    const event = { type: "message.opened", timestamp: "", data: [] };
    expect(validateEvent(event)).toEqual([{ path: ["data"], message: "must be an object" }]);
  });
});

describe("eventSchema", () => {
  const { version, vendor, validate } = eventSchema["~standard"];

  it("is a Standard Schema that passes an event through unchanged", () => {
    expect([version, vendor]).toEqual([1, "ahasend-webhooks"]);
    const event = createEvent("message.opened");
    expect(validate(event)).toEqual({ value: event });
    expect(validate({})).toEqual({ issues: validateEvent({}) });
  });
});

import { readFileSync } from "node:fs";

import { type RoutingData, type SuppressionData, isMessageEvent } from "@ahasend-webhooks/core";
import { describe, expect, it } from "vitest";

import { type Lifecycle, lifecycle, lifecycles } from "../src/index.js";
import { openEmulator } from "./helpers.js";

const typesOf = (...parameters: Parameters<typeof lifecycle>) =>
  lifecycle(...parameters).map(({ type }) => type);

describe("a lifecycle", () => {
  it.each<[Lifecycle, string[]]>([
    ["delivered", ["message.reception", "message.delivered", "message.opened", "message.clicked"]],
    ["bounced", ["message.reception", "message.bounced", "suppression.created"]],
    [
      "deferred",
      ["message.reception", "message.transient_error", "message.transient_error", "message.delivered"],
    ],
    [
      "failed",
      [
        "message.reception",
        "message.transient_error",
        "message.transient_error",
        "message.failed",
        "suppression.created",
      ],
    ],
    ["suppressed", ["message.reception", "message.suppressed"]],
    ["suppression_first", ["message.reception", "suppression.created", "message.bounced"]],
    ["late_bounce", ["message.reception", "message.delivered", "message.bounced"]],
    ["complained", ["message.reception", "message.delivered", "suppression.created"]],
    ["expired", ["message.reception", "message.transient_error", "message.failed", "suppression.created"]],
    ["sandbox_deliver", ["message.reception", "message.delivered"]],
    ["sandbox_bounce", ["message.reception", "message.bounced"]],
    ["sandbox_defer", ["message.reception", "message.transient_error"]],
    ["sandbox_fail", ["message.reception", "message.failed"]],
    ["sandbox_suppress", ["message.reception", "message.suppressed"]],
    ["inbound", ["message.reception", "message.routing"]],
    ["inbound_twice", ["message.reception", "message.routing"]],
    ["test", ["message.delivered", "message.routing"]],
  ])("named %s has the events of the contract", (name, types) => {
    expect(typesOf(name)).toEqual(types);
    expect(lifecycles).toContain(name);
  });

  it.each(lifecycles)("named %s has events of one e-mail", (name) => {
    const at = Date.UTC(2026, 6, 14, 15, 3, 21, 500);
    const from = "Acme <billing@mail.acme.example>";
    const events = lifecycle(name, { from, recipient: "bob@customer.example", subject: "Hello", at });
    const messages = events.filter(isMessageEvent);
    for (const { data } of messages) {
      expect(data).toMatchObject({ from, recipient: "bob@customer.example", subject: "Hello" });
      expect(data.id).toBe(messages[0]!.data.id);
      expect(data.message_id_header).toBe(messages[0]!.data.message_id_header);
    }
    for (const event of events) {
      if (event.type === "message.routing") {
        expect(event.data).toMatchObject({ from, to: "bob@customer.example", subject: "Hello" });
        expect(event.data.message_id).toBe(messages[0]!.data.message_id_header);
      }
      if (event.type === "suppression.created") {
        expect(event.data).toMatchObject({
          recipient: "bob@customer.example",
          sending_domain: "mail.acme.example",
        });
        expect(event.data.created_at).toBe(event.timestamp);
        expect(event.data.created_at).toMatch(/\.\d{6}Z$/);
        expect(event.data.expires_at).toMatch(/\.\d{6}Z$/);
      } else expect(event.timestamp).toMatch(/:\d\dZ$/);
    }
    expect(events[0]!.timestamp).toBe("2026-07-14T15:03:21Z");
    const times = events.map(({ timestamp }) => Math.floor(Date.parse(timestamp) / 1000));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it.each<[Lifecycle, string, number]>([
    ["bounced", "Too many hard bounces", 30],
    ["failed", "Transient Failure", 7],
    ["expired", "Message Expired", 15],
    ["complained", "FBL Complaint Report", 36_500],
  ])("named %s suppresses for %s, %d days but for milliseconds", (name, reason, days) => {
    const event = lifecycle(name).find(({ type }) => type === "suppression.created");
    const data = event!.data as SuppressionData;
    expect(data.reason).toBe(reason);
    const differenceMs = Date.parse(data.expires_at) - Date.parse(data.created_at) - days * 86_400_000;
    expect(differenceMs).not.toBe(0);
    expect(Math.abs(differenceMs)).toBeLessThan(100);
  });

  it("ends now, so that a late bounce is not in the future", () => {
    const [received, , bounce] = lifecycle("late_bounce");
    expect(Math.abs(Date.now() - Date.parse(bounce!.timestamp))).toBeLessThan(5000);
    expect(Date.parse(bounce!.timestamp) - Date.parse(received!.timestamp)).toBeGreaterThan(3_600_000);
    expect(bounce!.data).not.toHaveProperty("delivery_attempt");
  });

  it("has ids as AhaSend makes them, and one e-mail to two routes has the same message id", () => {
    const emulator = openEmulator();
    for (const recipient of ["support", "sales"])
      emulator.endpoints.create({ kind: "route", url: "http://localhost:1", recipient });
    const deliveries = emulator.emit(lifecycle("inbound_twice"));
    const mails = deliveries.map(({ body }) => JSON.parse(body) as { route_id: string; data: RoutingData });
    expect(mails.map(({ data }) => data.to)).toEqual(["support@acme.example", "sales@acme.example"]);
    const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    for (const [index, { data }] of mails.entries()) {
      expect(deliveries[index]!.id).toMatch(new RegExp(`^${uuid}$`));
      expect(data.id).toMatch(/^[0-9a-f]{32}$/);
      expect(data.message_id).toMatch(new RegExp(`^<${uuid}@customer\\.example>$`));
    }
    for (const values of [deliveries.map(({ id }) => id), mails.map(({ data }) => data.id)])
      expect(new Set(values).size).toBe(2);
    expect(new Set(mails.map(({ route_id }) => route_id)).size).toBe(2);
    expect(new Set(mails.map(({ data }) => data.message_id)).size).toBe(1);
  });

  it("is named in the documentation", () => {
    const page = readFileSync(new URL("../docs/emulator.md", import.meta.url), "utf8");
    expect(lifecycles.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it("has as many transient errors as requested", () => {
    expect(typesOf("deferred", { transientErrors: 0 })).toEqual(["message.reception", "message.delivered"]);
    expect(typesOf("failed", { transientErrors: 5 })).toHaveLength(8);
  });

  it("is about a new e-mail each time", () => {
    const [first, second] = [lifecycle("suppressed"), lifecycle("suppressed")];
    expect(first[0]!.data).not.toEqual(second[0]!.data);
  });

  it("is refused with an unknown name or an invalid number of errors", () => {
    expect(() => lifecycle("lost" as Lifecycle)).toThrow(
      /"lost" is not a lifecycle: use one of delivered, bounced/,
    );
    expect(() => lifecycle("failed", { transientErrors: -1 })).toThrow(
      /transientErrors must be a whole number/,
    );
  });
});

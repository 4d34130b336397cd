import { isMessageEvent } from "@ahasend-webhooks/core";
import { describe, expect, it } from "vitest";

import { type Lifecycle, lifecycle, lifecycles } from "../src/index.js";

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
    ["inbound", ["message.reception", "message.routing"]],
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
        const keptMs = Date.parse(event.data.expires_at) - Date.parse(event.data.created_at);
        expect(keptMs).toBe(30 * 86_400_000);
        expect(event.data.created_at).toBe(event.timestamp);
      }
    }
    expect(events[0]!.timestamp).toBe("2026-07-14T15:03:21Z");
    const times = events.map(({ timestamp }) => Date.parse(timestamp));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(new Set(times).size).toBe(times.length);
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

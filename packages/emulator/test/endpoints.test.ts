import { type AhaSendEventType, eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { type InboundRouteInput, type WebhookInput, steppedClock } from "../src/index.js";
import { noting, openEmulator, secret, sendingTo } from "./helpers.js";

const url = "http://localhost:3000/webhooks/ahasend";
const bounced = createEvent("message.bounced");

/** Returns the switch of an event type; message.routing has none. */
const switchOf = (type: AhaSendEventType) =>
  ({
    "suppression.created": "on_suppression_created",
    "domain.dns_error": "on_dns_error",
  })[type as string] ?? type.replace("message.", "on_");

describe("endpoints", () => {
  it("start with every switch on, a name, a secret of their kind and zero counters", () => {
    const { endpoints } = openEmulator();
    const webhook = endpoints.create({ url });
    const route = endpoints.create({ kind: "route", url });
    const counters = {
      override: null,
      success_count: 0,
      error_count: 0,
      errors_since_last_success: 0,
      last_request_at: null,
    };
    expect(webhook).toEqual({
      kind: "webhook",
      id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      name: url,
      url,
      enabled: true,
      secret: expect.stringMatching(/^aha-whsec-[\w-]{32}$/) as string,
      on_reception: true,
      on_delivered: true,
      on_transient_error: true,
      on_failed: true,
      on_bounced: true,
      on_suppressed: true,
      on_opened: true,
      on_clicked: true,
      on_suppression_created: true,
      on_dns_error: true,
      scope: "global",
      domains: [],
      ...counters,
    });
    expect(route).toEqual({
      kind: "route",
      id: expect.any(String) as string,
      name: url,
      url,
      enabled: true,
      secret: expect.stringMatching(/^aha-rsec-[\w-]{32}$/) as string,
      recipient: "*",
      attachments: true,
      headers: true,
      group_by_message_id: false,
      strip_replies: false,
      ...counters,
    });
  });

  it("can be listed, changed, disabled, enabled and deleted", () => {
    const { endpoints } = openEmulator();
    const { id } = endpoints.create({ url, name: "first" });
    const second = endpoints.create({ url, secret });
    expect(endpoints.list().map(({ name }) => name)).toEqual(["first", url]);
    expect(endpoints.change(id, { name: "renamed", on_opened: false })).toMatchObject({
      name: "renamed",
      on_opened: false,
      on_clicked: true,
    });
    expect(endpoints.disable(id).enabled).toBe(false);
    expect(endpoints.enable(id).enabled).toBe(true);
    endpoints.delete(id);
    expect(endpoints.list()).toEqual([second]);
    expect(() => endpoints.get(id)).toThrow(expect.objectContaining({ code: "endpoint_not_found" }) as Error);
  });

  it.each<[string, object, RegExp]>([
    [
      "a string that is not a URL",
      { url: "localhost:3000" },
      /must be an http or https URL .*, not "localhost:3000"/,
    ],
    ["a missing URL", { name: "nowhere" }, /url must be an http or https URL .*, not ""/],
    [
      "a domain that is not a string",
      { url, scope: "scoped", domains: [1] },
      /domains must be an array of strings/,
    ],
    ["a short secret", { url, secret: "short" }, /shorter than 16 characters: copy all of it/],
    ["a field that does not exist", { url, on_open: true }, /no field "on_open": use name, url, .*on_opened/],
    ["a field of the other kind", { kind: "route", url, scope: "global" }, /A route has no field "scope"/],
    ["a value of another type", { url, on_opened: "yes" }, /on_opened must be a boolean/],
    [
      "domains that are not an array",
      { url, scope: "scoped", domains: "a.example" },
      /domains must be an array of strings/,
    ],
    ["a scope without domains", { url, scope: "scoped" }, /gets no events: list them in domains/],
    ["an unknown scope", { url, scope: "local" }, /scope must be "global" or "scoped"/],
    ["an unknown kind", { kind: "queue", url }, /"queue" is not a kind of endpoint: use webhook or route/],
  ])("refuse %s", (_name, input, message) => {
    const { endpoints } = openEmulator();
    expect(() => endpoints.create(input as WebhookInput)).toThrow(message);
    expect(endpoints.list()).toEqual([]);
  });

  it("refuse a change that is not valid, and stay unchanged", () => {
    const { endpoints } = openEmulator();
    const webhook = endpoints.create({ url });
    const before = { ...webhook };
    expect(() => endpoints.change(webhook.id, { name: "new", scope: "scoped" })).toThrow(
      /list them in domains/,
    );
    expect(webhook).toEqual(before);
  });
});

describe("an event is delivered to", () => {
  /** Returns the names of the endpoints that get an event. */
  async function receiversOf(
    event: Parameters<ReturnType<typeof openEmulator>["emit"]>[0],
    ...inputs: object[]
  ) {
    const { url } = await noting();
    const emulator = openEmulator();
    const { endpoints } = emulator;
    for (const input of inputs) endpoints.create({ url, ...input } as WebhookInput | InboundRouteInput);
    const deliveries = emulator.emit(event);
    await Promise.all(deliveries.map(({ settled }) => settled));
    return deliveries.map(({ endpointId }) => endpoints.get(endpointId).name);
  }

  it.each(eventTypes.filter((type) => type !== "message.routing"))(
    "the webhooks whose switch for %s is on",
    async (type) => {
      const off = { name: "off", [switchOf(type)]: false };
      const others = Object.fromEntries(
        eventTypes
          .filter((other) => other !== type && other !== "message.routing")
          .map((other) => [switchOf(other), false]),
      );
      const names = await receiversOf(
        createEvent(type),
        off,
        { name: "only this", ...others },
        { kind: "route", name: "route" },
        { name: "disabled", enabled: false },
      );
      expect(names).toEqual(["only this"]);
    },
  );

  it("every webhook if its type is unknown", async () => {
    const event = { type: "message.teleported", timestamp: "2026-07-14T15:03:21Z", data: {} };
    const inputs = [{ name: "webhook" }, { kind: "route", name: "route" }];
    expect(await receiversOf(event, ...inputs)).toEqual(["webhook"]);
    expect(await receiversOf("no JSON", ...inputs)).toEqual(["webhook"]);
  });

  it("scoped webhooks with the domain of its sender or its subject", async () => {
    const scoped = (name: string, ...domains: string[]) => ({ name, scope: "scoped", domains });
    const webhooks = [
      scoped("acme", "other.example", "ACME.example"),
      scoped("customer", "customer.example"),
    ];
    const from = (from: string) => createEvent("message.opened", { data: { from } });
    expect(await receiversOf(from("Acme <billing@acme.example>"), ...webhooks)).toEqual(["acme"]);
    expect(await receiversOf(from("billing@acme.example"), ...webhooks)).toEqual(["acme"]);
    expect(await receiversOf(from("billing@sub.acme.example"), ...webhooks)).toEqual([]);
    expect(await receiversOf(createEvent("suppression.created"), ...webhooks)).toEqual(["acme"]);
    expect(await receiversOf(createEvent("domain.dns_error"), ...webhooks)).toEqual(["acme"]);
    const unknown = { type: "account.closed", timestamp: "2026-07-14T15:03:21Z", data: {} };
    expect(await receiversOf(unknown, ...webhooks)).toEqual([]);
  });

  it("inbound routes whose recipient matches", async () => {
    const routes = [
      "*",
      "support@acme.example",
      "*@ACME.example",
      "sup*@*",
      "sales@acme.example",
      "s.pport@*",
    ].map((recipient) => ({ kind: "route", name: recipient, recipient }));
    const localParts = ["support", "sup*", "*-support", "pport"].map((recipient) => ({
      kind: "route",
      name: recipient,
      recipient,
    }));
    const to = (to: string) => createEvent("message.routing", { data: { to } });
    const webhook = { name: "webhook" };
    const matching = ["*", "support@acme.example", "*@ACME.example", "sup*@*"];
    expect(await receiversOf(to("support@acme.example"), webhook, ...routes)).toEqual(matching);
    expect(await receiversOf(to("Help, please <Support@acme.example>"), ...routes)).toEqual(matching);
    expect(await receiversOf(to("a@b.example, sales@acme.example"), ...routes)).toEqual([
      "*",
      "*",
      "*@ACME.example",
      "sales@acme.example",
    ]);
    expect(await receiversOf(to("support@acme.example"), ...localParts)).toEqual(["support", "sup*"]);
    expect(await receiversOf(to("acme-Support@b.example"), ...localParts)).toEqual(["*-support"]);
    const deprecated = { ...to("support@acme.example"), type: "route.message" };
    expect(await receiversOf(deprecated, webhook, routes[1]!)).toEqual(["support@acme.example"]);
  });

  it("an inbound route with many wildcards quickly, even if a recipient nearly matches", async () => {
    const recipient = `${"*a".repeat(30)}*b`;
    const routes = [{ kind: "route", name: "wild", recipient }];
    const event = createEvent("message.routing", { data: { to: `${"a".repeat(50_000)}@acme.example` } });
    expect(await receiversOf(event, ...routes)).toEqual([]);
    const matching = createEvent("message.routing", { data: { to: `${"a".repeat(30)}b@acme.example` } });
    expect(await receiversOf(matching, ...routes)).toEqual(["wild"]);
    const overlapping = createEvent("message.routing", { data: { to: "ab@acme" } });
    expect(
      await receiversOf(overlapping, { kind: "route", name: "both", recipient: "ab@acme*@acme" }),
    ).toEqual([]);
  });

  it("only the endpoints in the option endpoints", async () => {
    const { url } = await noting();
    const emulator = openEmulator();
    const { endpoints } = emulator;
    endpoints.create({ url });
    const { id } = endpoints.create({ url });
    expect(emulator.emit(bounced, { endpoints: [id] }).map(({ endpointId }) => endpointId)).toEqual([id]);
    const twice = emulator.emit(bounced, { endpoints: [id, id] });
    expect(twice, "an id that is listed twice counts once").toHaveLength(1);
    expect(() => emulator.emit(bounced, { endpoints: ["none"] })).toThrow(
      /no endpoint none: see endpoints\.list\(\)/,
    );
  });
});

describe("an inbound route", () => {
  const headers = { Subject: "Re: Your invoice" };
  const mail = createEvent("message.routing", { data: { headers } });

  it.each([
    [{}, { attachments: mail.data.attachments, headers }],
    [{ attachments: false }, { attachments: null, headers }],
    [{ headers: false }, { attachments: mail.data.attachments, headers: undefined }],
  ])("includes attachments and headers as set with %j", async (input, expected) => {
    const { url, arrived } = await noting();
    const emulator = openEmulator();
    const { endpoints } = emulator;
    const route = endpoints.create({ kind: "route", url, ...input });
    await emulator.emit(mail)[0]!.settled;
    const body = JSON.parse(arrived[0]!.body.toString()) as { route_id: string; data: typeof mail.data };
    expect(body).not.toHaveProperty("webhook_id");
    expect(body.route_id).toBe(route.id);
    expect({ attachments: body.data.attachments, headers: body.data.headers }).toEqual(expected);
  });

  it("gets one e-mail once per address that matches, or once if it groups by message id", () => {
    const emulator = openEmulator();
    for (const group_by_message_id of [false, true])
      emulator.endpoints.create({ kind: "route", url: "http://localhost:1", group_by_message_id });
    const to = "Help <support@acme.example>, sales@acme.example";
    const deliveries = emulator.emit(createEvent("message.routing", { data: { to } }));
    const mails = deliveries.map(({ body }) => (JSON.parse(body) as { data: typeof mail.data }).data);
    expect(mails.map((data) => data.to)).toEqual(["support@acme.example", "sales@acme.example", to]);
    expect(new Set(mails.map(({ id }) => id)).size).toBe(3);
    expect(new Set(mails.map(({ message_id }) => message_id)).size).toBe(1);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(3);
  });

  it.each([
    ["<p>Thanks</p><blockquote>Your <blockquote>old</blockquote></blockquote>!", "<p>Thanks</p>!"],
    ["<p>Thanks</p><BLOCKQUOTE type=cite>Your invoice", "<p>Thanks</p>"],
    ["<p>Thanks</p>", "<p>Thanks</p>"],
  ])("cuts the quoted part from %s with strip_replies", (html_body, stripped) => {
    const emulator = openEmulator();
    emulator.endpoints.create({ kind: "route", url: "http://localhost:1", strip_replies: true });
    const [delivery] = emulator.emit(createEvent("message.routing", { data: { html_body } }));
    expect(JSON.parse(delivery!.body)).toMatchObject({
      data: { html_body: stripped, plain_body: mail.data.reply_from_plain_body },
    });
  });
});

describe("disabling an endpoint", () => {
  const failing = async () => sendingTo((await noting(500)).url, { concurrency: 1 });

  it("happens after more than 100 failed attempts in a row, retries included", async () => {
    const { emulator, webhook } = await failing();
    const deliveries = Array.from({ length: 20 }, () => emulator.emit(bounced)[0]!);
    await emulator.idle();
    expect(webhook).toMatchObject({ enabled: false, error_count: 101, errors_since_last_success: 101 });
    const attempts = deliveries.flatMap(({ attempts }) => attempts);
    expect(attempts).toHaveLength(101);
    const states = new Set(deliveries.map(({ state }) => state));
    expect(states.has("cancelled")).toBe(true);
    expect(states.has("pending")).toBe(false);
    expect(emulator.emit(bounced)).toEqual([]);
  });

  it("counts failures from 0 again after a success", async () => {
    let status = 500;
    const { url } = await noting((_request, response) => response.writeHead(status).end());
    const { emulator, webhook } = sendingTo(url, { concurrency: 1 });
    /** 16 deliveries of 6 attempts each, and some attempts of one that is cancelled before its last. */
    const fail = async (deliveries: number) => {
      status = 500;
      for (let count = 0; count < deliveries; count += 1) await emulator.emit(bounced)[0]!.settled;
    };
    await fail(16);
    expect(webhook).toMatchObject({ enabled: true, errors_since_last_success: 96 });
    status = 204;
    await emulator.emit(bounced)[0]!.settled;
    expect(webhook).toMatchObject({ enabled: true, errors_since_last_success: 0, success_count: 1 });
    await fail(16);
    expect(webhook).toMatchObject({ enabled: true, errors_since_last_success: 96, error_count: 192 });
    await fail(1);
    expect(webhook).toMatchObject({ enabled: false, errors_since_last_success: 101 });
  });

  it("happens earlier or never with disableAfterFailures", async () => {
    const { url } = await noting(500);
    const early = sendingTo(url, { concurrency: 1, disableAfterFailures: 2 });
    expect(await early.emulator.emit(bounced)[0]!.settled).toMatchObject({
      state: "cancelled",
      attempts: { length: 3 },
    });
    const never = sendingTo(url, { disableAfterFailures: Infinity });
    for (let count = 0; count < 20; count += 1) never.emulator.emit(bounced);
    await never.emulator.idle();
    expect(never.webhook).toMatchObject({ enabled: true, errors_since_last_success: 120 });
  });

  it("lasts until the endpoint is enabled, which resets its failures", async () => {
    const { emulator, webhook } = await failing();
    Array.from({ length: 17 }, () => emulator.emit(bounced));
    await emulator.idle();
    expect(emulator.endpoints.enable(webhook.id)).toMatchObject({
      enabled: true,
      errors_since_last_success: 0,
    });
    const [delivery] = emulator.emit(bounced);
    expect(await delivery!.settled).toMatchObject({ state: "failed" });
    expect(webhook).toMatchObject({ enabled: true, errors_since_last_success: 6 });
  });

  it.each(["disable", "delete"] as const)("with %s() cancels its pending deliveries", async (act) => {
    const { url } = await noting(500);
    const { emulator, webhook } = sendingTo(url, { speed: 1 });
    const [delivery] = emulator.emit(bounced);
    await emulator.quiet();
    expect(delivery).toMatchObject({ state: "pending", attempts: [{ response: { status: 500 } }] });
    emulator.endpoints[act](webhook.id);
    expect(await delivery!.settled).toMatchObject({ state: "cancelled", nextAttemptAt: undefined });
    await emulator.idle();
  });

  it("lets the reply decide about an attempt in flight", async () => {
    const { url } = await noting((request, response) => {
      emulator.endpoints.disable(webhook.id);
      response.writeHead(request.headers["webhook-id"] === "good" ? 204 : 500).end();
    });
    const { emulator, webhook } = sendingTo(url, { speed: 1, clock: steppedClock() });
    const [good] = emulator.emit(bounced, { id: "good" });
    expect(await good!.settled).toMatchObject({ state: "delivered" });
    emulator.endpoints.enable(webhook.id);
    const [bad] = emulator.emit(bounced, { id: "bad" });
    await emulator.quiet();
    expect(bad).toMatchObject({ state: "cancelled", nextAttemptAt: undefined, attempts: { length: 1 } });
  });
});

import { Agent, request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";

import { eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import type { DeliveryDetail, DeliveryRow } from "../../src/dev/view.js";
import { noting, receiving, secret } from "../helpers.js";
import { type Fields, serveEmulator, serveWebhook, toPath } from "./serve-emulator.js";
import { watch } from "./watch.js";

/** Sends a request with headers that `fetch` does not allow. */
async function sendRaw(url: string, path: string, headers: Record<string, string>, method = "GET") {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    httpRequest({ hostname, port, path, method, headers }, (response) => {
      void text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    })
      .on("error", reject)
      .end();
  });
}

describe("the page", () => {
  it("serves the page with all its assets, and a policy against loading anything else", async () => {
    const { url } = await serveEmulator();
    const page = await fetch(url);
    const html = await page.text();
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = page.headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(parts).toHaveLength(3);
    for (const path of parts) {
      expect(path).toMatch(/^\/[^/]/);
      const part = await fetch(new URL(path, url));
      expect([part.status, part.headers.get("x-content-type-options")]).toEqual([200, "nosniff"]);
    }
  });

  it.each(["/../package.json", "/%2e%2e/package.json", "/assets", "/assets/../../cli/main.js"])(
    "does not serve %s, which is not part of the page",
    async (path) => {
      const { url } = await serveEmulator();
      expect(await sendRaw(url, path, {})).toMatchObject({ status: 404 });
    },
  );

  it("serves the page on the loopback address only", async () => {
    expect(new URL((await serveEmulator()).url).hostname).toBe("127.0.0.1");
  });
});

describe("requests of other web sites", () => {
  it.each([
    ["resolves its own name to this machine", { host: "evil.example:4500" }, "foreign_host"],
    ["sends a host header with an invalid port", { host: "evil.example:x" }, "foreign_host"],
    ["sends requests from its pages", { origin: "https://evil.example" }, "foreign_origin"],
    ["runs on this machine too", { origin: "http://127.0.0.1:1" }, "foreign_origin"],
    ["hides its origin", { origin: "null" }, "foreign_origin"],
    ["loads the API into its pages", { "sec-fetch-site": "cross-site" }, "foreign_origin"],
    ["loads the API from another port", { "sec-fetch-site": "same-site" }, "foreign_origin"],
  ])("refuses a request of a web site that %s", async (_site, headers, code) => {
    const { url } = await serveEmulator();
    for (const path of ["/api/samples", "/api/changes"]) {
      const { status, body } = await sendRaw(url, path, headers);
      expect([status, JSON.parse(body)]).toEqual([403, expect.objectContaining({ code })]);
    }
  });

  it("refuses an event sent by an HTML form, which needs no CORS preflight", async () => {
    const { arrived, url: to } = await noting();
    const { emulator, url } = await serveWebhook(to);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const body = JSON.stringify({ event: createEvent("message.opened") });
      const response = await fetch(new URL("/api/events", url), {
        method: "POST",
        headers: { "content-type": type },
        body,
      });
      expect(response.status).toBe(415);
    }
    expect(emulator.deliveries.list()).toEqual([]);
    expect(arrived).toEqual([]);
  });

  it("accepts a link from another web site to the page", async () => {
    const { url } = await serveEmulator();
    expect(await sendRaw(url, "/", { "sec-fetch-site": "cross-site" })).toMatchObject({ status: 200 });
    const { port } = new URL(url);
    expect(await sendRaw(url, "/", { host: `localhost:${port}` })).toMatchObject({ status: 200 });
    // A tunnel changes the port.
    expect(
      await sendRaw(url, "/api/samples", { host: "localhost:9000", origin: "http://localhost:9000" }),
    ).toMatchObject({
      status: 200,
    });
  });
});

describe("the API", () => {
  it("returns a sample of every event type", async () => {
    const { ask } = await serveEmulator();
    const { body } = await ask("GET", "samples");
    expect((body as unknown as Fields[]).map(({ type }) => type)).toEqual(eventTypes);
  });

  it("sends an event formatted as AhaSend does, and returns the attempt byte for byte", async () => {
    const { url: to, handled } = await receiving();
    const { emulator, webhook, ask, url } = await serveWebhook(to);
    const event = createEvent("message.bounced", { data: { subject: "<Ümläut & Söhne>" } });
    const { status, body } = await ask("POST", "events", { event, faults: [{ kind: "extra_fields" }] });
    const [row] = body as unknown as DeliveryRow[];
    expect([status, row]).toEqual([
      201,
      expect.objectContaining({ type: "message.bounced", isFaulty: true }),
    ]);
    await emulator.idle();

    const detail = (await ask("GET", toPath(row!))).body as unknown as DeliveryDetail;
    expect(detail).toMatchObject({
      state: "delivered",
      about: event.data.recipient,
      status: 204,
      faults: [{ kind: "extra_fields" }],
      attempts: [
        {
          number: 1,
          request: { method: "POST", url: to },
          response: { status: 204 },
          error: null,
          redirects: [],
        },
      ],
    });
    const bytes = async (path: string) => (await fetch(new URL(`/api/${path}`, url))).text();
    const sent = await bytes(`${toPath(row!)}/attempts/1/body`);
    expect(sent).toContain('"subject":"\\u003cÜmläut \\u0026 Söhne\\u003e"');
    expect(sent).toContain(`"webhook_id":"${webhook.id}"`);
    expect(await bytes(`${toPath(row!)}/body`)).toBe(sent);
    expect(detail.attempts[0]!.request.bytes).toBe(Buffer.byteLength(sent));
    expect(handled).toMatchObject([{ id: row!.id, event: { data: { subject: "<Ümläut & Söhne>" } } }]);
  });

  it("sends an exact body, and returns a binary body as it was sent", async () => {
    const { arrived, url: to } = await noting();
    const { emulator, ask, url } = await serveWebhook(to);
    const body = await ask("POST", "events", {
      event: "{ no JSON at all ",
      faults: [{ kind: "content_encoding", encoding: "gzip" }],
    });
    const [row] = body.body as unknown as DeliveryRow[];
    await emulator.idle();
    const sent = await fetch(new URL(`/api/${toPath(row!)}/attempts/1/body`, url));
    expect(Buffer.from(await sent.arrayBuffer())).toEqual(arrived[0]!.body);
    expect(sent.headers.get("content-type")).toBe("application/octet-stream");
    expect(row).toMatchObject({ type: "", about: "" });
  });

  it("replays a delivery with the same id, with and without faults", async () => {
    const { url: to, outcomes } = await receiving();
    const { emulator, ask } = await serveWebhook(to);
    const [first] = emulator.emit(createEvent("message.opened"));
    await emulator.idle();
    const again = await ask("POST", `${toPath(first!)}/replay`, {});
    const forged = await ask("POST", `${toPath(first!)}/replay`, { faults: [{ kind: "wrong_secret" }] });
    expect([again.body, forged.body]).toMatchObject([
      { id: first!.id, copy: 2 },
      { id: first!.id, copy: 3, isFaulty: true },
    ]);
    await emulator.idle();
    expect(outcomes.slice(0, 2).map(({ kind }) => kind)).toEqual(["handled", "duplicate"]);
    expect(outcomes.slice(2)).toMatchObject(Array.from({ length: 6 }, () => ({ code: "invalid_signature" })));
  });

  it("creates, changes, overrides and deletes endpoints over the API", async () => {
    const { emulator, ask } = await serveEmulator();
    const url = "http://localhost:9/hooks";
    const created = await ask("POST", "endpoints", { url, secret, name: "Desk" });
    expect(created).toMatchObject({
      status: 201,
      body: { kind: "webhook", url, name: "Desk", override: null },
    });
    const id = String(created.body["id"]);
    expect((await ask("PATCH", `endpoints/${id}`, { on_opened: false })).body).toMatchObject({
      on_opened: false,
    });
    const override = { kind: "slow", seconds: 2 };
    expect((await ask("PUT", `endpoints/${id}/override`, { override })).body).toMatchObject({ override });
    expect((await ask("PUT", `endpoints/${id}/override`, { override: null })).body).toMatchObject({
      override: null,
    });
    expect(await ask("DELETE", `endpoints/${id}`)).toMatchObject({ status: 200 });
    expect(emulator.endpoints.list()).toEqual([]);
  });

  it("returns the secret of an endpoint on request only", async () => {
    const { webhook, ask, url } = await serveWebhook("http://localhost:9/hooks");
    expect(await ask("GET", `endpoints/${webhook.id}/secret`)).toEqual({ status: 200, body: { secret } });
    const { messages } = await watch(url);
    await ask("PATCH", `endpoints/${webhook.id}`, { name: "Desk" });
    await vi.waitFor(() => expect(messages).toHaveLength(2), 10_000);
    expect(messages[1]!.data.endpoints).toMatchObject([{ name: "Desk" }]);
    expect(JSON.stringify(messages)).not.toContain(secret);
  });

  it.each([30_000_001, 31_000_000, 60_000_000])(
    "replies to the next request on a connection after refusing a body of %i bytes",
    async (bytes) => {
      const { url } = await serveEmulator();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      const { hostname, port } = new URL(url);
      const ask = (method: string, path: string, headers: Record<string, string>, body?: Buffer) =>
        new Promise<number | undefined>((resolve, reject) => {
          httpRequest({ hostname, port, path, method, headers, agent }, (response) => {
            response.resume().on("end", () => resolve(response.statusCode));
          })
            .on("error", reject)
            .end(body);
        });
      const json = { "content-type": "application/json" };
      expect(await ask("POST", "/api/events", json, Buffer.alloc(bytes, " "))).toBe(413);
      expect(await ask("GET", "/api/samples", {})).toBe(200);
    },
  );

  it("refuses an event that is nested too deeply to serialize", async () => {
    const { url } = await serveWebhook("http://localhost:9/hooks");
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const response = await fetch(new URL("/api/events", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"event":{"type":"message.opened","data":${deep}}}`,
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { code: "invalid", message: expect.stringContaining("nested too deeply") as string },
    ]);
  });

  it("sets the speed of the emulator over the API", async () => {
    const { emulator, ask } = await serveEmulator();
    await ask("PATCH", "settings", { speed: 50 });
    expect(emulator.speed).toBe(50);
    await ask("PATCH", "settings", { speed: null });
    expect(emulator.speed).toBe(Infinity);
  });

  it.each([
    ["POST", "events", { event: {} }, 400, "invalid", "The event has no type"],
    ["POST", "events", {}, 400, "invalid", "event must be an object, or a string"],
    ["POST", "events", { event: "{}", faults: {} }, 400, "invalid", "faults must be a list."],
    ["POST", "events", { event: "{}", faults: [{ kind: "x" }] }, 400, "invalid", '"x" is not a fault'],
    [
      "POST",
      "events",
      { event: "{}", faults: [null] },
      400,
      "invalid",
      "A fault must be an object with a kind",
    ],
    [
      "POST",
      "events",
      { event: "{}", faults: [{ kind: "copies", count: 1e9, timing: "together" }] },
      400,
      "invalid",
      "count of the fault copies must be a whole number from 1 to 1000.",
    ],
    ["PATCH", "settings", { speed: 1e-300 }, 400, "invalid", "speed must be a number of 0.001 or more"],
    ["POST", "events", { event: "{}", endpoints: [1] }, 400, "invalid", "endpoints must be a list of ids."],
    [
      "POST",
      "events",
      { event: "{}", endpoints: ["x"] },
      404,
      "endpoint_not_found",
      "There is no endpoint x",
    ],
    ["POST", "events", [], 400, "invalid", "The body must be a JSON object."],
    ["POST", "endpoints", { url: "ftp://localhost" }, 400, "invalid", "must be an http or https URL"],
    ["POST", "endpoints", { url: "http://192.0.2.1/" }, 400, "remote_address", "is not this machine"],
    ["PATCH", "endpoints/x", { name: "Desk" }, 404, "endpoint_not_found", "There is no endpoint x"],
    ["PATCH", "settings", { speed: 0 }, 400, "invalid", "speed must be a number of 0.001 or more"],
    ["GET", "deliveries/msg_1%2F1", undefined, 404, "delivery_not_found", "There is no delivery msg_1/1"],
    ["GET", "deliveries/%", undefined, 400, "invalid", "must be percent-encoded"],
    ["GET", "events", undefined, 405, "method_not_allowed", "Use POST /api/events."],
    ["GET", "nothing", undefined, 404, "not_found", "/api/nothing does not exist"],
  ])("replies to %s %s %j with %i %s", async (method, path, fields, status, code, message) => {
    const { ask } = await serveEmulator();
    const reply = await ask(method, path, fields);
    expect(reply).toEqual({ status, body: { code, message: expect.stringContaining(message) as string } });
    expect(String(reply.body["message"])).toMatch(/\.$/);
  });

  it("refuses a body that is too large, and keeps serving", async () => {
    const { ask, url } = await serveEmulator();
    const refused = await fetch(new URL("/api/events", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.alloc(31_000_000, " "),
    });
    expect([refused.status, await refused.json()]).toEqual([
      413,
      expect.objectContaining({ code: "too_large" }),
    ]);
    expect((await ask("GET", "samples")).status).toBe(200);
  });

  it("refuses to replay to a disabled endpoint", async () => {
    const { url: to } = await noting();
    const { emulator, webhook, ask } = await serveWebhook(to);
    const [delivery] = emulator.emit(createEvent("message.opened"));
    await delivery!.settled;
    emulator.endpoints.disable(webhook.id);
    expect(await ask("POST", `${toPath(delivery!)}/replay`, {})).toMatchObject({
      status: 409,
      body: { code: "endpoint_disabled" },
    });
  });
});

describe("the stream of changes", () => {
  it("begins with a snapshot and continues with changes", async () => {
    const { url: to } = await noting(500);
    const { emulator, webhook, ask, url } = await serveWebhook(to);
    const [before] = emulator.emit(createEvent("message.opened"));
    await emulator.idle();
    const page = await watch(url);
    await vi.waitFor(() => expect(page.messages).toHaveLength(1), 10_000);
    expect(page.messages[0]).toMatchObject({
      event: "snapshot",
      data: {
        endpoints: [{ id: webhook.id, error_count: 6 }],
        deliveries: [{ key: before!.key, attempts: 6 }],
      },
    });

    const [after] = emulator.emit(createEvent("message.clicked"));
    await ask("PATCH", "settings", { speed: 100 });
    await ask("DELETE", `endpoints/${webhook.id}`);
    await vi.waitFor(() => {
      expect(page.state()).toMatchObject({ speed: 100, endpoints: [] });
      expect(page.state().deliveries.get(after!.key)?.state).toMatch(/failed|cancelled/);
    }, 10_000);
    expect(page.messages.slice(1).every(({ event }) => event === "changes")).toBe(true);
  });

  it("combines many changes into few messages", async () => {
    const { url: to } = await noting();
    const { emulator, url } = await serveWebhook(to);
    const page = await watch(url);
    for (let round = 0; round < 10; round += 1) {
      for (let number = 0; number < 100; number += 1) emulator.emit(createEvent("message.opened"));
      await emulator.idle();
    }
    await vi.waitFor(() => {
      const rows = [...page.state().deliveries.values()];
      expect(rows.filter(({ state }) => state === "delivered")).toHaveLength(1000);
    }, 20_000);
    // There were 3,000 changes of deliveries and 1,000 of counters.
    expect(page.messages.length).toBeLessThan(200);
  });

  it("sends a snapshot to a page that could not keep up with the changes", { timeout: 120_000 }, async () => {
    const { emulator, webhook, url } = await serveWebhook("http://localhost:9/");
    emulator.endpoints.override(webhook.id, { kind: "pause" });
    const [slow, quick] = [await watch(url), await watch(url)];
    await vi.waitFor(() => expect(slow.messages).toHaveLength(1), 10_000);
    slow.pause();
    const recipient = `${"a".repeat(3000)}@customer.example`;
    // More than the socket buffers hold.
    for (let round = 1; round <= 12; round += 1) {
      for (let number = 0; number < 500; number += 1) {
        emulator.emit(createEvent("message.opened", { data: { recipient } }));
      }
      const { key } = emulator.deliveries.list().at(-1)!;
      await vi.waitFor(() => expect(quick.state().deliveries.has(key)).toBe(true), 20_000);
    }
    emulator.endpoints.change(webhook.id, { name: "The end" });
    slow.resume();
    await vi.waitFor(() => expect(slow.state().endpoints).toMatchObject([{ name: "The end" }]), 20_000);
    const [, ...later] = slow.messages.map(({ event }) => event);
    expect(later).toContain("snapshot");
    const newest = emulator.deliveries
      .list()
      .slice(-2000)
      .map(({ key }) => key);
    expect([...slow.state().deliveries.keys()].slice(-2000)).toEqual(newest);
  });
});

import { Agent, request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";

import { eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { startDevServer } from "../../src/dev/server.js";
import type { DeliveryDetail, DeliveryRow } from "../../src/dev/view.js";
import type { EmulatorOptions } from "../../src/index.js";
import { noting, openEmulator, receiving, secret, sendingTo } from "../helpers.js";
import { watch } from "./watch.js";

type Fields = Record<string, unknown>;

/** The page of an emulator, served until the test is over. */
async function serving(emulator = openEmulator()) {
  const server = await startDevServer(emulator);
  onTestFinished(() => server.close());
  const ask = async (
    method: string,
    path: string,
    fields?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(new URL(`/api/${path}`, server.url), {
      method,
      headers: { ...(fields !== undefined && { "content-type": "application/json" }), ...headers },
      ...(fields !== undefined && { body: JSON.stringify(fields) }),
    });
    return { status: response.status, body: (await response.json()) as Fields };
  };
  return { emulator, url: server.url, ask };
}

/** An emulator with a webhook, and its page. */
async function servingWith(url: string, options?: EmulatorOptions) {
  const { emulator, webhook } = sendingTo(url, options);
  return { webhook, ...(await serving(emulator)) };
}

/** A request with headers that `fetch` does not let one set. */
async function raw(url: string, path: string, headers: Record<string, string>, method = "GET") {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    httpRequest({ hostname, port, path, method, headers }, (response) => {
      void text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    })
      .on("error", reject)
      .end();
  });
}

const pathOf = ({ key }: { key: string }) => `deliveries/${encodeURIComponent(key)}`;

describe("the page", () => {
  it("comes with everything it needs, and may load nothing from elsewhere", async () => {
    const { url } = await serving();
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
    "does not serve %s",
    async (path) => {
      const { url } = await serving();
      expect(await raw(url, path, {})).toMatchObject({ status: 404 });
    },
  );

  it("is for this machine only", async () => {
    expect(new URL((await serving()).url).hostname).toBe("127.0.0.1");
  });
});

describe("other web sites", () => {
  it.each([
    ["give their name to this machine", { host: "evil.example:4500" }, "foreign_host"],
    ["give it with a port that is none", { host: "evil.example:x" }, "foreign_host"],
    ["send requests from their pages", { origin: "https://evil.example" }, "foreign_origin"],
    ["are on this machine too", { origin: "http://127.0.0.1:1" }, "foreign_origin"],
    ["hide where they are", { origin: "null" }, "foreign_origin"],
    ["load it into their pages", { "sec-fetch-site": "cross-site" }, "foreign_origin"],
    ["load it from another port", { "sec-fetch-site": "same-site" }, "foreign_origin"],
  ])("are refused when they %s", async (_how, headers, code) => {
    const { url } = await serving();
    for (const path of ["/api/samples", "/api/changes"]) {
      const { status, body } = await raw(url, path, headers);
      expect([status, JSON.parse(body)]).toEqual([403, expect.objectContaining({ code })]);
    }
  });

  it("cannot send an event with a form, which needs no permission", async () => {
    const { arrived, url: to } = await noting();
    const { emulator, url } = await servingWith(to);
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

  it("may link to the page", async () => {
    const { url } = await serving();
    expect(await raw(url, "/", { "sec-fetch-site": "cross-site" })).toMatchObject({ status: 200 });
    const { port } = new URL(url);
    expect(await raw(url, "/", { host: `localhost:${port}` })).toMatchObject({ status: 200 });
    // Through a tunnel the port is another one.
    expect(
      await raw(url, "/api/samples", { host: "localhost:9000", origin: "http://localhost:9000" }),
    ).toMatchObject({
      status: 200,
    });
  });
});

describe("the API", () => {
  it("gives a sample of each type", async () => {
    const { ask } = await serving();
    const { body } = await ask("GET", "samples");
    expect((body as unknown as Fields[]).map(({ type }) => type)).toEqual(eventTypes);
  });

  it("sends an event as AhaSend writes it, and shows the attempt to the byte", async () => {
    const { url: to, handled } = await receiving();
    const { emulator, webhook, ask, url } = await servingWith(to);
    const event = createEvent("message.bounced", { data: { subject: "<Ümläut & Söhne>" } });
    const { status, body } = await ask("POST", "events", { event, faults: [{ kind: "extra_fields" }] });
    const [row] = body as unknown as DeliveryRow[];
    expect([status, row]).toEqual([
      201,
      expect.objectContaining({ type: "message.bounced", isFaulty: true }),
    ]);
    await emulator.idle();

    const detail = (await ask("GET", pathOf(row!))).body as unknown as DeliveryDetail;
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
    const sent = await bytes(`${pathOf(row!)}/attempts/1/body`);
    expect(sent).toContain('"subject":"\\u003cÜmläut \\u0026 Söhne\\u003e"');
    expect(sent).toContain(`"webhook_id":"${webhook.id}"`);
    expect(await bytes(`${pathOf(row!)}/body`)).toBe(sent);
    expect(detail.attempts[0]!.request.bytes).toBe(Buffer.byteLength(sent));
    expect(handled).toMatchObject([{ id: row!.id, event: { data: { subject: "<Ümläut & Söhne>" } } }]);
  });

  it("sends an exact text, and a body that is no text is shown as it was sent", async () => {
    const { arrived, url: to } = await noting();
    const { emulator, ask, url } = await servingWith(to);
    const body = await ask("POST", "events", {
      event: "{ no JSON at all ",
      faults: [{ kind: "content_encoding", encoding: "gzip" }],
    });
    const [row] = body.body as unknown as DeliveryRow[];
    await emulator.idle();
    const sent = await fetch(new URL(`/api/${pathOf(row!)}/attempts/1/body`, url));
    expect(Buffer.from(await sent.arrayBuffer())).toEqual(arrived[0]!.body);
    expect(sent.headers.get("content-type")).toBe("application/octet-stream");
    expect(row).toMatchObject({ type: "", about: "" });
  });

  it("replays with the same id, and with faults", async () => {
    const { url: to, outcomes } = await receiving();
    const { emulator, ask } = await servingWith(to);
    const [first] = emulator.emit(createEvent("message.opened"));
    await emulator.idle();
    const again = await ask("POST", `${pathOf(first!)}/replay`, {});
    const forged = await ask("POST", `${pathOf(first!)}/replay`, { faults: [{ kind: "wrong_secret" }] });
    expect([again.body, forged.body]).toMatchObject([
      { id: first!.id, copy: 2 },
      { id: first!.id, copy: 3, isFaulty: true },
    ]);
    await emulator.idle();
    expect(outcomes.slice(0, 2).map(({ kind }) => kind)).toEqual(["handled", "duplicate"]);
    expect(outcomes.slice(2)).toMatchObject(Array.from({ length: 6 }, () => ({ code: "invalid_signature" })));
  });

  it("creates, changes, obstructs and deletes endpoints", async () => {
    const { emulator, ask } = await serving();
    const url = "http://localhost:9/hooks";
    const created = await ask("POST", "endpoints", { url, secret, name: "Desk" });
    expect(created).toMatchObject({
      status: 201,
      body: { kind: "webhook", url, name: "Desk", obstacle: null },
    });
    const id = String(created.body["id"]);
    expect((await ask("PATCH", `endpoints/${id}`, { on_opened: false })).body).toMatchObject({
      on_opened: false,
    });
    const obstacle = { kind: "slow", seconds: 2 };
    expect((await ask("PUT", `endpoints/${id}/obstacle`, { obstacle })).body).toMatchObject({ obstacle });
    expect((await ask("PUT", `endpoints/${id}/obstacle`, { obstacle: null })).body).toMatchObject({
      obstacle: null,
    });
    expect(await ask("DELETE", `endpoints/${id}`)).toMatchObject({ status: 200 });
    expect(emulator.endpoints.list()).toEqual([]);
  });

  it("gives a secret to who asks for it, and never along with the rest", async () => {
    const { webhook, ask, url } = await servingWith("http://localhost:9/hooks");
    expect(await ask("GET", `endpoints/${webhook.id}/secret`)).toEqual({ status: 200, body: { secret } });
    const { messages } = await watch(url);
    await ask("PATCH", `endpoints/${webhook.id}`, { name: "Desk" });
    await vi.waitFor(() => expect(messages).toHaveLength(2), 10_000);
    expect(messages[1]!.data.endpoints).toMatchObject([{ name: "Desk" }]);
    expect(JSON.stringify(messages)).not.toContain(secret);
  });

  it.each([30_000_001, 31_000_000, 60_000_000])(
    "answers the next request of a connection behind a body of %i bytes, which is too large",
    async (bytes) => {
      const { url } = await serving();
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

  it("refuses an event that is nested too deeply to be written", async () => {
    const { url } = await servingWith("http://localhost:9/hooks");
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

  it("sets the speed", async () => {
    const { emulator, ask } = await serving();
    await ask("PATCH", "settings", { speed: 50 });
    expect(emulator.speed).toBe(50);
    await ask("PATCH", "settings", { speed: null });
    expect(emulator.speed).toBe(Infinity);
  });

  it.each([
    ["POST", "events", { event: {} }, 400, "invalid", "The event has no type"],
    ["POST", "events", {}, 400, "invalid", "event is neither an object nor a text"],
    ["POST", "events", { event: "{}", faults: {} }, 400, "invalid", "faults is not a list"],
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
    ["POST", "events", { event: "{}", endpoints: [1] }, 400, "invalid", "endpoints is not a list of ids"],
    [
      "POST",
      "events",
      { event: "{}", endpoints: ["x"] },
      404,
      "endpoint_not_found",
      "There is no endpoint x",
    ],
    ["POST", "events", [], 400, "invalid", "The body is no JSON object"],
    ["POST", "endpoints", { url: "ftp://localhost" }, 400, "invalid", "is not one of http or https"],
    ["POST", "endpoints", { url: "http://192.0.2.1/" }, 400, "remote_address", "is not this machine"],
    ["PATCH", "endpoints/x", { name: "Desk" }, 404, "endpoint_not_found", "There is no endpoint x"],
    ["PATCH", "settings", { speed: 0 }, 400, "invalid", "speed must be a number of 0.001 or more"],
    ["GET", "deliveries/msg_1%2F1", undefined, 404, "delivery_not_found", "There is no delivery msg_1/1"],
    ["GET", "deliveries/%", undefined, 400, "invalid", "is not percent-encoded"],
    ["GET", "events", undefined, 405, "method_not_allowed", "Use POST /api/events."],
    ["GET", "nothing", undefined, 404, "not_found", "There is no /api/nothing"],
  ])("answers %s %s %j with %i %s", async (method, path, fields, status, code, message) => {
    const { ask } = await serving();
    const answer = await ask(method, path, fields);
    expect(answer).toEqual({ status, body: { code, message: expect.stringContaining(message) as string } });
    expect(String(answer.body["message"])).toMatch(/\.$/);
  });

  it("refuses an endless body, and goes on", async () => {
    const { ask, url } = await serving();
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

  it("does not replay to an endpoint that is switched off", async () => {
    const { url: to } = await noting();
    const { emulator, webhook, ask } = await servingWith(to);
    const [delivery] = emulator.emit(createEvent("message.opened"));
    await delivery!.settled;
    emulator.endpoints.disable(webhook.id);
    expect(await ask("POST", `${pathOf(delivery!)}/replay`, {})).toMatchObject({
      status: 409,
      body: { code: "endpoint_disabled" },
    });
  });
});

describe("the changes", () => {
  it("begin with all there is, and go on with what happens", async () => {
    const { url: to } = await noting(500);
    const { emulator, webhook, ask, url } = await servingWith(to);
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
      expect(page.shown()).toMatchObject({ speed: 100, endpoints: [] });
      expect(page.shown().deliveries.get(after!.key)?.state).toMatch(/failed|cancelled/);
    }, 10_000);
    expect(page.messages.slice(1).every(({ event }) => event === "changes")).toBe(true);
  });

  it("come together when there are many", async () => {
    const { url: to } = await noting();
    const { emulator, url } = await servingWith(to);
    const page = await watch(url);
    for (let round = 0; round < 10; round += 1) {
      for (let number = 0; number < 100; number += 1) emulator.emit(createEvent("message.opened"));
      await emulator.idle();
    }
    await vi.waitFor(() => {
      const rows = [...page.shown().deliveries.values()];
      expect(rows.filter(({ state }) => state === "delivered")).toHaveLength(1000);
    }, 20_000);
    // 3,000 changes to deliveries, and 1,000 to counters.
    expect(page.messages.length).toBeLessThan(200);
  });

  it("are told as a whole to a page that could not follow", async () => {
    const { emulator, webhook, url } = await servingWith("http://localhost:9/");
    emulator.endpoints.obstruct(webhook.id, { kind: "pause" });
    const [slow, quick] = [await watch(url), await watch(url)];
    await vi.waitFor(() => expect(slow.messages).toHaveLength(1), 10_000);
    slow.pause();
    const recipient = `${"a".repeat(3000)}@customer.example`;
    // More than what lies in the buffers between the two.
    for (let round = 1; round <= 12; round += 1) {
      for (let number = 0; number < 500; number += 1) {
        emulator.emit(createEvent("message.opened", { data: { recipient } }));
      }
      const { key } = emulator.deliveries.list().at(-1)!;
      await vi.waitFor(() => expect(quick.shown().deliveries.has(key)).toBe(true), 20_000);
    }
    emulator.endpoints.change(webhook.id, { name: "The end" });
    slow.resume();
    await vi.waitFor(() => expect(slow.shown().endpoints).toMatchObject([{ name: "The end" }]), 20_000);
    const [, ...later] = slow.messages.map(({ event }) => event);
    expect(later).toContain("snapshot");
    const newest = emulator.deliveries
      .list()
      .slice(-2000)
      .map(({ key }) => key);
    expect([...slow.shown().deliveries.keys()].slice(-2000)).toEqual(newest);
  });
});

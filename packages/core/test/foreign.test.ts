import { createServer } from "node:http";
import { createRequire } from "node:module";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { runInNewContext } from "node:vm";

import { getRequest } from "@sveltejs/kit/node";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { type WebhookRequest, createReceiver, createVerifier, verify } from "../src/index.js";
import { bounced, codeOf, delivery, now, recording, secret } from "./helpers.js";

function start(more = {}) {
  const handled: string[] = [];
  const { options, outcomes } = recording({ "*": ({ type }) => void handled.push(type) }, more);
  return { receiver: createReceiver(options), outcomes, handled };
}

describe("a runtime of another kind", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("works with timers that are numbers", async () => {
    const { setTimeout: realTimeout, setInterval: realInterval } = globalThis;
    const timers = new Map<number, ReturnType<typeof setTimeout>>();
    const numbered = (make: typeof realTimeout) => (work: () => void, ms: number) => {
      timers.set(timers.size + 1, make(work, ms));
      return timers.size;
    };
    vi.stubGlobal("setTimeout", numbered(realTimeout));
    vi.stubGlobal("setInterval", numbered(realInterval as unknown as typeof realTimeout));
    const clearReal = globalThis.clearTimeout;
    vi.stubGlobal("clearTimeout", (id?: number) => clearReal(timers.get(id ?? 0)));
    vi.stubGlobal("clearInterval", (id?: number) => clearReal(timers.get(id ?? 0)));
    const { receiver } = start({ secret: async () => secret });
    for (const body of [bounced, Readable.from([Buffer.from(bounced)]), new Blob([bounced]).stream()]) {
      const { headers } = delivery(bounced, `msg_${timers.size}`);
      expect(await receiver.receive({ headers, body })).toMatchObject({ status: 204 });
    }
    expect(timers.size).toBeGreaterThan(0);
  });

  it.each([
    ["bytes", (realm: object) => runInNewContext("Uint8Array.from(codes)", realm) as unknown],
    ["an ArrayBuffer", (realm: object) => runInNewContext("Uint8Array.from(codes).buffer", realm) as unknown],
    [
      "a DataView",
      (realm: object) => runInNewContext("new DataView(Uint8Array.from(codes).buffer)", realm) as unknown,
    ],
    [
      "a stream of bytes",
      (realm: object) => Readable.from([runInNewContext("Uint8Array.from(codes)", realm) as Uint8Array]),
    ],
  ])("accepts %s of another realm", async (_shape, make) => {
    const { headers } = delivery();
    const realm = { codes: [...Buffer.from(bounced)] };
    const { event } = await createVerifier({ secret, now }).verify({ headers, body: make(realm) });
    expect(event.type).toBe("message.bounced");
  });

  it.each(["bluebird", "zone.js"])("works when Promise has been replaced: %s", async (library) => {
    const NativePromise = globalThis.Promise;
    const require = createRequire(import.meta.url);
    if (library === "bluebird") globalThis.Promise = require("bluebird") as PromiseConstructor;
    else expect(require("zone.js/node")).toBeDefined();
    onTestFinished(() => void (globalThis.Promise = NativePromise));
    expect(globalThis.Promise).not.toBe(NativePromise);
    const { receiver } = start({ secret: async () => secret });
    expect(await receiver.receive(delivery())).toMatchObject({ status: 204 });
  });

  it("works with an enumerable property on Object.prototype", async () => {
    const polluted = Object.prototype as { meta?: unknown; run?: unknown };
    onTestFinished(() => {
      delete polluted.meta;
      delete polluted.run;
    });
    polluted.meta = { a: {} };
    polluted.run = () => undefined;
    const { receiver, handled } = start();
    const reply = await receiver.receive(delivery());
    delete polluted.meta;
    delete polluted.run;
    expect(reply).toMatchObject({ status: 204 });
    expect(handled).toEqual(["message.bounced"]);
  });

  it("uses a Date that was replaced after the receiver was created", async () => {
    const { options } = recording({});
    const { now: _now, ...withoutClock } = options;
    const receiver = createReceiver(withoutClock);
    vi.useFakeTimers({ now: now(), toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    expect(await receiver.receive(delivery())).toMatchObject({ status: 204 });
    expect(verify(delivery(), { secret }).event.type).toBe("message.bounced");
  });
});

describe("a framework of another kind", () => {
  it("accepts empty or incomplete rawHeaders beside headers", async () => {
    for (const rawHeaders of [[], ["host", "localhost"]]) {
      const { receiver } = start();
      expect(await receiver.receive({ ...delivery(), rawHeaders })).toMatchObject({ status: 204 });
    }
  });

  it("accepts a method in lower case", async () => {
    const { receiver } = start();
    expect(await receiver.receive({ ...delivery(), method: "post" })).toMatchObject({ status: 204 });
    expect(codeOf(await receiver.receive({ ...delivery(), method: "get" }))).toBe("method_not_allowed");
  });

  it("logs the advice of a framework for a parsed body", async () => {
    const { receiver, outcomes } = start();
    const request: WebhookRequest = {
      ...delivery(),
      body: {},
      parsedBodyCure: "Set api.bodyParser to false",
    };
    expect(codeOf(await receiver.receive(request))).toBe("body_already_parsed");
    expect(outcomes).toMatchObject([
      { error: { message: expect.stringMatching(/verify\. Set api\.bodyParser to false\.$/) as string } },
    ]);
  });

  it.each([
    [undefined, 204, undefined],
    [500, 413, "body_too_large"],
  ])(
    "may have a limit of its own: SvelteKit's BODY_SIZE_LIMIT of %s",
    async (bodySizeLimit, status, code) => {
      const { receiver, outcomes } = start({ now: () => Date.now() });
      const server = createServer((request, response) => {
        void getRequest({ request, base: "http://localhost", ...(bodySizeLimit && { bodySizeLimit }) })
          .then((fetchRequest) => receiver.fetch(fetchRequest))
          .then((reply) => response.writeHead(reply.status).end());
      }).listen(0, "127.0.0.1");
      onTestFinished(() => void server.close());
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const body = JSON.stringify({ type: "message.new", data: "x".repeat(1000) });
      const { headers } = delivery(body, "msg_1", Math.floor(Date.now() / 1000));
      const response = await fetch(`http://127.0.0.1:${port}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
      });
      expect(response.status).toBe(status);
      if (code !== undefined) expect(outcomes).toMatchObject([{ code, error: { cause: { status: 413 } } }]);
    },
  );

  it("logs how much of a truncated body has arrived", async () => {
    const { receiver, outcomes } = start();
    const { headers } = delivery();
    const declared = { ...headers, "content-length": String(bounced.length) };
    for (const body of [bounced.slice(0, 50), Readable.from([Buffer.from(bounced.slice(0, 50))])]) {
      expect(codeOf(await receiver.receive({ headers: declared, body }))).toBe("body_aborted");
    }
    expect(outcomes[1]).toMatchObject({
      error: { message: expect.stringContaining(`50 of ${bounced.length} bytes`) as string },
    });
  });

  it("accepts a body that verifies although its declared length was changed", async () => {
    const { receiver } = start();
    const { headers, body } = delivery();
    const declared = { ...headers, "content-length": "999999" };
    expect(await receiver.receive({ headers: declared, body })).toMatchObject({ status: 204 });
  });
});

describe("a receiver of Fetch requests", () => {
  const request = (body: string | ReadableStream, length: number) =>
    new Request("http://localhost/", {
      method: "POST",
      headers: { ...delivery().headers, "content-length": String(length) },
      body,
      duplex: "half",
    });

  it("reads a Fetch request that sends more than it declared up to the limit, then cancels it", async () => {
    let pulled = 0;
    let cancelled = false;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(10_000));
      },
      cancel: () => void (cancelled = true),
    });
    const { receiver } = start({ maxBodyBytes: 100_000 });
    expect((await receiver.fetch(request(endless, 550))).status).toBe(413);
    expect(pulled).toBeLessThan(15);
    expect(cancelled).toBe(true);
  });

  it("refuses a Fetch request that is being read elsewhere, with advice", async () => {
    const locked = request(bounced, bounced.length);
    locked.body?.getReader();
    const response = await start().receiver.fetch(locked);
    expect([response.status, await response.json()]).toEqual([500, { code: "body_already_parsed" }]);
  });

  it("keeps the error of a Fetch request's stream as the cause", async () => {
    const failure = new Error("the disk of the proxy is full");
    const body = new ReadableStream({ start: (controller) => controller.error(failure) });
    const { receiver, outcomes } = start();
    expect((await receiver.fetch(request(body, 550))).status).toBe(400);
    expect(outcomes).toMatchObject([{ code: "body_aborted", error: { cause: failure } }]);
  });
});

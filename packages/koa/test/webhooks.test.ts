import { buffer, json } from "node:stream/consumers";

import { replayVector } from "@ahasend-webhooks/harness/adapter-tests";
import {
  type AdapterCase,
  adapterCases,
  createEvent,
  prepareCase,
  sendCase,
  signDelivery,
  vectors,
} from "@ahasend-webhooks/testing";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import type { default as Application, Middleware } from "koa";
import { koaBody } from "koa-body";
import { koaBody as koaBody6 } from "koa-body-6";
import bodyParser4 from "koa-bodyparser";
import { describe, expect, it, vi } from "vitest";

import { ahaSendWebhooks, verifyAhaSendWebhook } from "../src/index.js";
import { listen, versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const path = "/webhooks/ahasend";
const onNode = { patchKoa: false, patchNode: true };

describe.each(versions)("Koa $version", ({ Koa }) => {
  /** Parsers that leave the parsed object, or the bytes, on Koa's request. */
  const parsers: Record<AdapterCase["parser"], Middleware> = {
    none: (_ctx, next) => next(),
    json: async (ctx, next) => {
      Object.assign(ctx.request, { body: await json(ctx.req) });
      await next();
    },
    raw: async (ctx, next) => {
      Object.assign(ctx.request, { body: await buffer(ctx.req) });
      await next();
    },
  };

  /** Creates an app that emits its errors to a spy. */
  function createApp(...middleware: Middleware[]) {
    const app = new Koa();
    const errors = vi.fn();
    app.on("error", errors);
    for (const step of middleware) app.use(step);
    return { app, errors };
  }

  describe.each<[string, (app: Application, middleware: Middleware) => unknown]>([
    ["on a route", (app, middleware) => app.use(new Router().all(path, middleware).routes())],
    ["without a router", (app, middleware) => app.use(middleware)],
  ])("%s", (_how, mount) => {
    it.each(adapterCases)("$name", async (adapterCase) => {
      const { receiver, handled, remembered } = await prepareCase(adapterCase);
      const { app } = createApp(parsers[adapterCase.parser]);
      mount(app, ahaSendWebhooks(receiver, { path }));
      expect(await sendCase(await listen(app), adapterCase)).toMatchObject(adapterCase.expected);
      expect(handled).toEqual(adapterCase.handled);
      expect(remembered()).toBe(adapterCase.remembered);
    });
  });

  it.each(vectors)("accepts vector $name byte for byte", async (vector) => {
    const { options, delivery } = replayVector(vector);
    const seen: string[] = [];
    const { app } = createApp(
      ahaSendWebhooks({
        ...options,
        on: { "*": (event, { rawBody }) => void seen.push(event.type, Buffer.from(rawBody).toString()) },
      }),
    );
    const response = await fetch(await listen(app), { method: "POST", ...delivery });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(seen).toEqual([vector.type, vector.body]);
  });

  it.each<[string, number, Middleware]>([
    ["@koa/bodyparser", 204, bodyParser()],
    ["@koa/bodyparser that leaves JSON alone", 204, bodyParser({ enableTypes: ["form"] })],
    ["koa-bodyparser 4", 204, bodyParser4()],
    ["koa-body that keeps the unparsed string", 204, koaBody({ includeUnparsed: true })],
    [
      "koa-body that keeps the unparsed string on Node's request only",
      204,
      koaBody({ ...onNode, includeUnparsed: true }),
    ],
    ["koa-body 6 that keeps the unparsed string", 204, koaBody6({ includeUnparsed: true })],
    [
      "koa-body 6 that keeps the unparsed string on Node's request",
      204,
      koaBody6({ ...onNode, includeUnparsed: true }),
    ],
    ["koa-body that keeps nothing", 500, koaBody()],
  ])("receives a delivery behind %s and replies %d", async (_name, status, parser) => {
    const { app, errors } = createApp(
      parser,
      ahaSendWebhooks({ secret, on: {}, onOutcome: () => undefined }, { path }),
    );
    const event = createEvent("message.routing", { data: { subject: "grüße <&> 🐝" } });
    const response = await fetch(await listen(app), { method: "POST", ...signDelivery({ secret, event }) });
    expect(response.status).toBe(status);
    if (status === 204) return expect(errors).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(errors).toHaveBeenCalled(), 10_000);
    expect(String(errors.mock.calls[0]![0])).toMatch(/before body parsers/);
  });

  it("passes requests to other paths to the next middleware", async () => {
    const { app } = createApp(
      ahaSendWebhooks({ secret, on: {} }, { path }),
      (ctx) => void (ctx.body = "elsewhere"),
    );
    const url = await listen(app);
    expect(await (await fetch(new URL("/other", url), { method: "POST" })).text()).toBe("elsewhere");
    expect((await fetch(url)).status).toBe(405);
  });

  it("sets the status that earlier middleware reads", async () => {
    const statuses: number[] = [];
    const logger: Middleware = async (ctx, next) => {
      await next();
      statuses.push(ctx.status);
    };
    const { app, errors } = createApp(
      logger,
      ahaSendWebhooks({ secret, on: {}, onOutcome: () => undefined }),
    );
    const url = await listen(app);
    await fetch(url, { method: "POST", ...signDelivery({ secret, event: createEvent("message.opened") }) });
    await fetch(url, { method: "POST" });
    expect(statuses).toEqual([204, 400]);
    expect(errors).not.toHaveBeenCalled();
  });

  it("receives an inbound email of 3 MB", async () => {
    let size = 0;
    const { app } = createApp(
      ahaSendWebhooks({
        secret,
        on: { "message.routing": (_event, { rawBody }) => void (size = rawBody.length) },
      }),
    );
    const attachments = [{ filename: "a", content_type: "text/plain", data: "QUJD".repeat(750_000) }];
    const delivery = signDelivery({
      secret,
      event: createEvent("message.routing", { data: { attachments } }),
    });
    expect((await fetch(await listen(app), { method: "POST", ...delivery })).status).toBe(204);
    expect(size).toBe(Buffer.byteLength(delivery.body));
  });

  it.each([path, `${path}/`])(
    "receives requests to the path %s with and without a trailing slash",
    async (path) => {
      const { app } = createApp(ahaSendWebhooks({ secret, on: {}, onOutcome: () => undefined }, { path }));
      const url = await listen(app);
      const statuses = ["", "/", "//", "/x"].map(async (end) => (await fetch(url + end)).status);
      expect(await Promise.all(statuses)).toEqual([405, 405, 404, 404]);
    },
  );
});

it.each([
  "",
  "webhooks",
  "/webhooks/:tenant",
  "/webhooks/*",
  "/{a}",
  "/a?b",
  "/a#b",
  "/grüße",
  "https://example.com/a",
  null,
  /^a/,
])("throws for the path %j, which no request can match", (path) => {
  const mount = () => ahaSendWebhooks({ secret, on: {} }, { path: path as string });
  expect(mount).toThrow(/^path must be the path of a URL, such as/);
});

it("throws for a misspelt path, with which it would answer every request", () => {
  const mount = () => ahaSendWebhooks({ secret, on: {} }, { pth: "/webhooks" } as object);
  expect(mount).toThrow(/^pth is not an option: did you mean path\?$/);
});

it("throws for invalid options when the middleware is created", () => {
  vi.stubEnv("AHASEND_WEBHOOK_SECRET", secret);
  expect(ahaSendWebhooks({ on: {} })).toBeTypeOf("function");
  expect(verifyAhaSendWebhook()).toBeTypeOf("function");
  vi.stubEnv("AHASEND_WEBHOOK_SECRET", undefined);
  expect(() => ahaSendWebhooks({ on: {} })).toThrow(/AHASEND_WEBHOOK_SECRET is not set: set it/);
  expect(() => verifyAhaSendWebhook()).toThrow(/AHASEND_WEBHOOK_SECRET is not set: set it/);
  vi.unstubAllEnvs();
  expect(() => ahaSendWebhooks({ secret: "", on: {} })).toThrow(/secret is empty/);
  expect(() => ahaSendWebhooks(undefined as never)).toThrow(/receiver or its options, got undefined/);
});

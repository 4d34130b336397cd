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

import { ahaSendWebhooks } from "../src/index.js";
import { listen, versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const path = "/webhooks/ahasend";
const onNode = { patchKoa: false, patchNode: true };

describe.each(versions)("Koa $version", ({ Koa }) => {
  /** What a parser leaves on a Koa request: the parsed object, or the bytes. */
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

  /** An app whose errors go to a spy. */
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

  it.each(vectors)("accepts $name byte for byte", async (vector) => {
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

  it.each<[string, Middleware, number]>([
    ["@koa/bodyparser", bodyParser(), 204],
    ["@koa/bodyparser that leaves JSON alone", bodyParser({ enableTypes: ["form"] }), 204],
    ["koa-bodyparser 4", bodyParser4(), 204],
    ["koa-body that keeps the unparsed string", koaBody({ includeUnparsed: true }), 204],
    ["koa-body that keeps it on Node's request only", koaBody({ ...onNode, includeUnparsed: true }), 204],
    ["koa-body 6 that keeps it", koaBody6({ includeUnparsed: true }), 204],
    ["koa-body 6 that keeps it on Node's request", koaBody6({ ...onNode, includeUnparsed: true }), 204],
    ["koa-body", koaBody(), 500],
  ])("behind %s", async (_parser, parser, status) => {
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

  it("leaves other paths to the rest of the app", async () => {
    const { app } = createApp(
      ahaSendWebhooks({ secret, on: {} }, { path }),
      (ctx) => void (ctx.body = "elsewhere"),
    );
    const url = await listen(app);
    expect(await (await fetch(new URL("/other", url), { method: "POST" })).text()).toBe("elsewhere");
    expect((await fetch(url)).status).toBe(405);
  });

  it("lets middleware before it see the status", async () => {
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

  it("receives an inbound e-mail of 3 MB", async () => {
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
    "takes requests to %s and to the same path with a slash or without",
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
])("refuses %j as a path, which no request can have", (path) => {
  const mount = () => ahaSendWebhooks({ secret, on: {} }, { path: path as string });
  expect(mount).toThrow(/^path must be the path of a URL, such as/);
});

it("refuses wrong options when the middleware is made", () => {
  expect(() => ahaSendWebhooks({ secret: "", on: {} })).toThrow(/secret is empty/);
  expect(() => ahaSendWebhooks(undefined as never)).toThrow(/receiver or its options, got undefined/);
});

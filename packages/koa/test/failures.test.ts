import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { bodyParser } from "@koa/bodyparser";
import type { default as Application, Context } from "koa";
import { koaBody } from "koa-body";
import { afterEach, describe, expect, it, vi } from "vitest";

import { ahaSendWebhooks, verifyAhaSendWebhook } from "../src/index.js";
import { listen, versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const newDelivery = () => signDelivery({ secret, event: createEvent("message.bounced") });

function fail(): never {
  throw new Error("hostile");
}

/** Throwables that end the process when they are printed, copied or compared carelessly, and whether they are errors. */
const throwables: [string, unknown, boolean][] = [
  ["an error", new Error("boom"), true],
  ["undefined", undefined, false],
  ["a string", "boom", false],
  ["an object without prototype", Object.create(null), false],
  ["an error whose stack throws", Object.defineProperty(new Error("boom"), "stack", { get: fail }), true],
  ["an error whose status throws", Object.defineProperty(new Error("boom"), "status", { get: fail }), true],
  ["an error whose stack is a number", Object.assign(new Error("boom"), { stack: 1 }), true],
  ["a proxy that throws", new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail }), false],
  ["a proxy of an error", new Proxy(new Error("boom"), { get: fail, getPrototypeOf: fail }), false],
];

/** Listeners for `error` that misbehave. */
const listeners: [string, (error: unknown, ctx: Context) => unknown][] = [
  ["throws", fail],
  ["rejects", () => Promise.reject(new Error("hostile"))],
  ["sets another reply", (_error, ctx) => Object.assign(ctx, { status: 200, body: "fine" })],
  ["writes another reply", (_error, { res }) => res.writeHead(200, { "x-late": "1" }).end("fine")],
  ["redirects and sets a cookie", (_error, ctx) => (ctx.cookies.set("a", "b"), ctx.redirect("/"))],
];

afterEach(() => vi.restoreAllMocks());

describe.each(versions)("Koa $version", ({ Koa }) => {
  const failing = (thrown: unknown) =>
    ahaSendWebhooks({ secret, on: { "*": () => Promise.reject(thrown) }, onOutcome: () => undefined });

  async function expectFailure(app: Application): Promise<void> {
    const response = await fetch(await listen(app), { method: "POST", ...newDelivery() });
    expect([response.status, await response.json()]).toEqual([500, { code: "handler_failed" }]);
    expect(response.headers.get("x-late")).toBeNull();
  }

  it.each(throwables)(
    "emits an error on the app after the reply is written when a handler throws %s",
    async (_what, thrown, isError) => {
      const errors: unknown[] = [];
      const isWritten: boolean[] = [];
      const app = new Koa().use(failing(thrown));
      app.on("error", (error, ctx: Context) => {
        errors.push(error);
        isWritten.push(ctx.res.writableEnded);
      });
      await expectFailure(app);
      await vi.waitFor(() => expect(isWritten).toEqual([true]));
      const [error] = errors as [{ code: string; cause: unknown }];
      if (isError) expect(error === thrown).toBe(true);
      else expect(error.code === "handler_failed" && error.cause === thrown).toBe(true);
    },
  );

  it.each(throwables)(
    "keeps running with Koa's own listener when a handler throws %s",
    async (_what, thrown) => {
      const print = vi.spyOn(console, "error").mockReturnValue();
      const app = new Koa().use(failing(thrown));
      await expectFailure(app);
      expect(app.listenerCount("error")).toBe(1);
      // By the time of a second request, Koa has finished with the first one.
      await expectFailure(app);
      expect(print.mock.calls.flat().every((line) => typeof line === "string")).toBe(true);
    },
  );

  it.each(listeners)(
    "sends its reply and calls the next listener even if an earlier one %s",
    async (_what, listener) => {
      const next = vi.fn();
      const app = new Koa().use(failing(new Error("boom")));
      app.on("error", listener).on("error", next);
      await expectFailure(app);
      await vi.waitFor(() => expect(next).toHaveBeenCalledOnce());
    },
  );

  it("calls a listener added with once() only once", async () => {
    const once = vi.fn();
    const app = new Koa().use(failing(new Error("boom")));
    app.once("error", once).on("error", () => undefined);
    await expectFailure(app);
    await expectFailure(app);
    expect(once).toHaveBeenCalledOnce();
  });

  it("emits no error for refused deliveries", async () => {
    const errors = vi.fn();
    const app = new Koa().use(ahaSendWebhooks({ secret, on: {}, onOutcome: () => undefined }));
    app.on("error", errors);
    const url = await listen(app);
    expect((await fetch(url, { method: "POST" })).status).toBe(400);
    expect((await fetch(url)).status).toBe(405);
    expect(errors).not.toHaveBeenCalled();
  });

  it("makes verifyAhaSendWebhook throw for an already parsed body before anything is written", async () => {
    const errors: unknown[] = [];
    const app = new Koa();
    app.on("error", (error) => errors.push(error));
    app.use(koaBody());
    app.use(verifyAhaSendWebhook({ secret }));
    const response = await fetch(await listen(app), { method: "POST", ...newDelivery() });
    expect(response.status).toBe(500);
    expect(errors).toMatchObject([{ code: "body_already_parsed" }]);
  });

  it("makes verifyAhaSendWebhook reply 503 when the secret lookup fails", async () => {
    const app = new Koa().use(verifyAhaSendWebhook({ secret: fail }));
    const response = await fetch(await listen(app), { method: "POST", ...newDelivery() });
    expect([response.status, await response.json()]).toEqual([503, { code: "secret_unavailable" }]);
    expect(response.headers.get("retry-after")).toBe("5");
  });

  it("makes verifyAhaSendWebhook use the raw body that @koa/bodyparser has kept", async () => {
    const app = new Koa();
    app.use(bodyParser());
    app.use(verifyAhaSendWebhook({ secret }));
    app.use((ctx) => void (ctx.status = 202));
    expect((await fetch(await listen(app), { method: "POST", ...newDelivery() })).status).toBe(202);
  });
});

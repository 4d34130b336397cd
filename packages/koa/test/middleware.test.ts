import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import type { default as Application, Context, Middleware } from "koa";
import compress from "koa-compress";
import helmet from "koa-helmet";
import responseTime from "koa-response-time";
import session from "koa-session";
import { describe, expect, it, vi } from "vitest";

import { ahaSendWebhooks } from "../src/index.js";
import { listen, versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

/** Middleware that changes the response after later middleware has returned. */
const middleware: Record<string, (app: Application) => Middleware[]> = {
  "koa-session that commits a session": (app) => {
    app.keys = ["cats"];
    const count: Middleware = (ctx, next) => {
      ctx["session"].visits = 1;
      return next();
    };
    return [session({}, app), count];
  },
  "koa-response-time": () => [responseTime()],
  "koa-compress": () => [compress({ threshold: 0 })],
  "koa-helmet": () => [helmet()],
  "middleware that sets a cookie": () => [after((ctx) => ctx.cookies.set("visited", "1"))],
  "middleware that sets a status": () => [after((ctx) => (ctx.status = 200))],
  "middleware that sets a body": () => [after((ctx) => Object.assign(ctx, { body: "late", respond: true }))],
  "middleware that writes to Node's response": () => [
    after(({ res }) => {
      res.setHeader("x-late", "1");
      res.write("late");
      return new Promise<void>((resolve) => res.end("late", resolve));
    }),
  ],
  "middleware that has already set a body": () => [
    (ctx, next) => {
      ctx.body = "early";
      return next();
    },
  ],
};

function after(act: (ctx: Context) => unknown): Middleware {
  return async (ctx, next) => {
    await next();
    await act(ctx);
  };
}

describe.each(versions)("Koa $version", ({ Koa }) => {
  async function serve(...steps: ((app: Application) => Middleware[])[]) {
    const app = new Koa();
    const errors = vi.fn<(error: Error) => void>();
    app.on("error", errors);
    for (const step of steps.flatMap((create) => create(app))) app.use(step);
    const on = {
      "message.bounced": () => undefined,
      "message.failed": () => Promise.reject(new Error("boom")),
    };
    app.use(ahaSendWebhooks({ secret, on, onOutcome: () => undefined }));
    return { url: await listen(app), errors };
  }

  const each = Object.entries(middleware).map(([name, create]) => [name, [create]] as const);
  it.each([...each, ["all of them", Object.values(middleware)] as const])(
    "replies after %s has run, without an extra error",
    async (_name, steps) => {
      const { url, errors } = await serve(...steps);
      const post = async (type: "message.bounced" | "message.failed") => {
        const delivery = signDelivery({ secret, event: createEvent(type) });
        const response = await fetch(url, { method: "POST", ...delivery });
        expect(response.headers.get("x-late")).toBeNull();
        return [response.status, await response.text()];
      };
      expect(await post("message.bounced")).toEqual([204, ""]);
      expect(await post("message.failed")).toEqual([500, '{"code":"handler_failed"}']);
      const stranger = await fetch(url, { method: "POST", body: "x".repeat(100_000) });
      expect([stranger.status, await stranger.json()]).toEqual([400, { code: "missing_header" }]);
      expect(errors.mock.calls.map(([{ message }]) => message)).toEqual(["boom"]);
    },
  );

  it("keeps its reply when earlier middleware throws afterwards", async () => {
    const fail = () => Promise.reject(new Error("late"));
    const { url, errors } = await serve(() => [after(fail)]);
    const delivery = signDelivery({ secret, event: createEvent("message.failed") });
    const response = await fetch(url, { method: "POST", ...delivery });
    expect([response.status, await response.json()]).toEqual([500, { code: "handler_failed" }]);
    await vi.waitFor(() =>
      expect(errors.mock.calls.map(([{ message }]) => message)).toEqual(["boom", "late"]),
    );
  });
});

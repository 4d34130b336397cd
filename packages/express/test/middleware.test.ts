import { serve } from "@ahasend-webhooks/harness/adapter-tests";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import compression from "compression";
import timeout from "connect-timeout";
import type { ErrorRequestHandler, RequestHandler } from "express";
import session from "express-session";
import helmet from "helmet";
import morgan from "morgan";
import responseTime from "response-time";
import { describe, expect, it, vi } from "vitest";

import { ahaSendWebhooks } from "../src/index.js";
import { versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const newDelivery = () => signDelivery({ secret, event: createEvent("message.bounced") });

describe.each(versions)("Express $version", ({ express }) => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line.trim()) };
  const middleware: Record<string, () => RequestHandler> = {
    "express-session": () => session({ secret: "cats", resave: true, saveUninitialized: true }),
    "response-time": () => responseTime(),
    "connect-timeout": () => timeout("5s"),
    compression: () => compression({ threshold: 0 }),
    helmet: () => helmet(),
    morgan: () => morgan(":status", { stream }),
  };

  async function start(...steps: RequestHandler[]) {
    const errors = vi.fn<(error: unknown) => void>();
    const app = express();
    app.use(...steps);
    const on = {
      "message.bounced": () => undefined,
      "message.failed": () => Promise.reject(new Error("boom")),
    };
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on, onOutcome: () => undefined }));
    const onError: ErrorRequestHandler = (error, _req, _res, next) => {
      errors(error);
      next(error);
    };
    app.use(onError);
    return { url: await serve(app), errors };
  }

  const each = Object.entries(middleware).map(([name, create]) => [name, [create]] as const);
  it.each([...each, ["all of them", Object.values(middleware)] as const])(
    "replies after %s has run",
    async (_name, steps) => {
      const { url, errors } = await start(...steps.map((create) => create()));
      const accepted = await fetch(url, { method: "POST", ...newDelivery() });
      expect([accepted.status, await accepted.text()]).toEqual([204, ""]);
      const failed = signDelivery({ secret, event: createEvent("message.failed") });
      const refused = await fetch(url, { method: "POST", ...failed });
      expect([refused.status, await refused.json()]).toEqual([500, { code: "handler_failed" }]);
      const stranger = await fetch(url, { method: "POST", body: "x".repeat(100_000) });
      expect([stranger.status, await stranger.json()]).toEqual([400, { code: "missing_header" }]);
      expect(errors).not.toHaveBeenCalled();
    },
  );

  it("lets morgan log the status of the reply", async () => {
    lines.length = 0;
    const { url } = await start(middleware["morgan"]!());
    await fetch(url, { method: "POST", ...newDelivery() });
    await fetch(url, { method: "POST" });
    await vi.waitFor(() => expect(lines).toEqual(["204", "400"]));
  });

  it("handles the delivery even if connect-timeout has already replied", async () => {
    const handled = vi.fn();
    const app = express();
    let finish!: () => void;
    const timedOut = new Promise<void>((resolve) => (finish = resolve));
    app.use(timeout("20ms"));
    const on = {
      "*": async () => {
        await timedOut;
        handled();
      },
    };
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on }));
    const onError: ErrorRequestHandler = (_error, _req, res, _next) => {
      res.status(503).json({ error: "timeout" });
      finish();
    };
    app.use(onError);
    const response = await fetch(await serve(app), { method: "POST", ...newDelivery() });
    expect([response.status, await response.json()]).toEqual([503, { error: "timeout" }]);
    await vi.waitFor(() => expect(handled).toHaveBeenCalledOnce());
  });
});

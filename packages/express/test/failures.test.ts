import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";

import { serve } from "@ahasend-webhooks/harness/adapter-tests";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import type { ErrorRequestHandler, Request, Response } from "express";
import { describe, expect, it, vi } from "vitest";

import { type Outcome, ahaSendWebhooks, logOutcomes, verifyAhaSendWebhook } from "../src/index.js";
import { versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const newDelivery = () => signDelivery({ secret, event: createEvent("message.bounced") });

/** Throwables that end the process when they are printed, copied or compared carelessly. */
const throwables: [string, unknown][] = [
  ["an error", new Error("boom")],
  ["undefined", undefined],
  ["null", null],
  ['"route", which makes Express skip a route', "route"],
  ["an object without prototype", Object.create(null)],
  ["an error whose stack throws", Object.defineProperty(new Error("boom"), "stack", { get: fail })],
  ["an error whose status throws", Object.defineProperty(new Error("boom"), "status", { get: fail })],
  ["a proxy that throws", new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail })],
];

function fail(): never {
  throw new Error("hostile");
}

/** Creates an error handler that replies asynchronously, and records its calls. */
function createErrorHandler() {
  const calls: Promise<unknown>[] = [];
  const reply = async (error: unknown, res: Response) => {
    await Promise.resolve();
    res.status(500).json({ error: String(error) });
  };
  const handler: ErrorRequestHandler = (error, _req, res, _next) => {
    const call = reply(error, res);
    calls.push(call);
    return call;
  };
  return { handler, calls };
}

describe.each(versions)("Express $version", ({ express }) => {
  /** Starts an app whose event handler is `handle`, followed by an Express error handler. */
  async function start(handle: (event: unknown, context: { native?: unknown }) => unknown) {
    const { handler, calls } = createErrorHandler();
    const outcomes: Outcome[] = [];
    const onOutcome = (outcome: Outcome) => void outcomes.push(outcome);
    const app = express();
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: { "*": handle }, onOutcome }));
    app.use((_req, res) => void res.status(418).end());
    app.use(handler);
    return { url: await serve(app), calls, outcomes };
  }

  it.each(throwables)(
    "replies 500 and reports only to onOutcome when a handler throws %s",
    async (_what, thrown) => {
      const { url, calls, outcomes } = await start(() => {
        throw thrown;
      });
      const response = await fetch(url, { method: "POST", ...newDelivery() });
      expect([response.status, await response.json()]).toEqual([500, { code: "handler_failed" }]);
      expect(outcomes).toHaveLength(1);
      const [outcome] = outcomes;
      expect(outcome!.kind === "refused" && outcome!.error.cause === thrown).toBe(true);
      // By the time of a second request, Express has finished with the first one.
      await fetch(url, { method: "GET" });
      expect(calls).toEqual([]);
    },
  );

  it("reports a failed handler to onOutcome after the sender has disconnected", async () => {
    const abort = new AbortController();
    const { url, calls, outcomes } = await start(async (_event, { native }) => {
      abort.abort();
      await once((native as Request).res!, "close");
      throw new Error("boom");
    });
    const sent = fetch(url, { method: "POST", ...newDelivery(), signal: abort.signal });
    await expect(sent).rejects.toThrow("aborted");
    await vi.waitFor(() => expect(outcomes).toMatchObject([{ code: "handler_failed" }]), 10_000);
    expect(calls).toEqual([]);
  });

  it("keeps the connection open after a failed handler", async () => {
    const { url } = await start(() => Promise.reject(new Error("boom")));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const reused: boolean[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { headers, body } = newDelivery();
      const outgoing = request(url, { method: "POST", headers, agent }).end(body);
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      expect(response.statusCode).toBe(500);
      response.resume();
      await once(response, "end");
      reused.push(outgoing.reusedSocket);
    }
    agent.destroy();
    expect(reused).toEqual([false, true, true]);
  });

  it("logs a body that was already parsed, and calls no error handler", async () => {
    const { handler, calls } = createErrorHandler();
    const lines: string[] = [];
    const log = {
      warn: (line: string) => void lines.push(line),
      error: (line: string) => void lines.push(line),
    };
    const app = express();
    app.use(express.json());
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: {}, onOutcome: logOutcomes(log) }));
    app.use(handler);
    const response = await fetch(await serve(app), { method: "POST", ...newDelivery() });
    expect([response.status, await response.json()]).toEqual([500, { code: "body_already_parsed" }]);
    expect(lines.join()).toContain("body_already_parsed");
    expect(calls).toEqual([]);
  });
});

describe.each(versions)("verifyAhaSendWebhook on Express $version", ({ express }) => {
  const unavailable = () => {
    throw new Error("database is down");
  };

  it("passes an already parsed body to Express's error handlers, which reply", async () => {
    const { handler, calls } = createErrorHandler();
    const errors: unknown[] = [];
    const app = express();
    app.use(express.json());
    app.post("/webhooks/ahasend", verifyAhaSendWebhook({ secret }));
    const collect: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error);
      next(error);
    };
    app.use(collect, handler);
    const url = await serve(app);
    // Anyone can send this: well-formed headers and a fresh timestamp.
    const { headers, body } = newDelivery();
    const forged = { ...headers, "webhook-signature": `v1,${"A".repeat(43)}=` };
    const response = await fetch(url, { method: "POST", headers: forged, body });
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: expect.stringContaining("WebhookError") as string },
    ]);
    expect(errors).toMatchObject([{ code: "body_already_parsed", status: 500 }]);
    expect(await Promise.allSettled(calls)).toMatchObject([{ status: "fulfilled" }]);
  });

  it("replies to a refused delivery itself and calls no error handler", async () => {
    const { handler, calls } = createErrorHandler();
    const app = express();
    app.post("/webhooks/ahasend", verifyAhaSendWebhook({ secret: unavailable }));
    app.use(handler);
    const url = await serve(app);
    const unsigned = await fetch(url, { method: "POST" });
    expect([unsigned.status, await unsigned.json()]).toEqual([400, { code: "missing_header" }]);
    const response = await fetch(url, { method: "POST", ...newDelivery() });
    expect([response.status, await response.json()]).toEqual([503, { code: "secret_unavailable" }]);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(calls).toEqual([]);
  });
});

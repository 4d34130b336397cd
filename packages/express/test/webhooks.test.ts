import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";

import {
  type AdapterCase,
  adapterCases,
  createEvent,
  prepareCase,
  sendCase,
  signDelivery,
  vectors,
} from "@ahasend-webhooks/testing";
import type { ErrorRequestHandler, Express, Request } from "express";
import { describe, expect, it, vi } from "vitest";

import { type Outcome, ahaSendWebhooks } from "../src/index.js";
import { listen, versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe.each(versions)("Express $version", ({ express }) => {
  const parsers: Record<AdapterCase["parser"], (app: Express) => unknown> = {
    none: () => undefined,
    json: (app) => app.use(express.json()),
    raw: (app) => app.use(express.raw({ type: "*/*" })),
  };

  it.each(adapterCases)("$name", async (adapterCase) => {
    const { receiver, handled, remembered } = await prepareCase(adapterCase);
    const app = express();
    parsers[adapterCase.parser](app);
    app.all("/webhooks/ahasend", ahaSendWebhooks(receiver));
    expect(await sendCase(await listen(app), adapterCase)).toMatchObject(adapterCase.expected);
    expect(handled).toEqual(adapterCase.handled);
    expect(remembered()).toBe(adapterCase.remembered);
  });

  it.each(vectors)("accepts $name byte for byte", async (vector) => {
    const seen: string[] = [];
    const app = express();
    app.post(
      "/webhooks/ahasend",
      ahaSendWebhooks({
        secret: vector.secret,
        now: () => Number(vector.webhook_timestamp) * 1000,
        on: { "*": (event, { rawBody }) => void seen.push(event.type, Buffer.from(rawBody).toString()) },
      }),
    );
    const headers = {
      "webhook-id": vector.webhook_id_header,
      "webhook-timestamp": vector.webhook_timestamp,
      "webhook-signature": vector.webhook_signature,
    };
    const response = await fetch(await listen(app), { method: "POST", headers, body: vector.body });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(seen).toEqual([vector.type, vector.body]);
  });

  it.each<[string, Parameters<typeof express.json>[0]]>([
    ["that keeps rawBody", { verify: (req, _res, buffer) => void Object.assign(req, { rawBody: buffer }) }],
    ["that leaves the route's content type alone", { type: "application/vnd.api+json" }],
  ])("works behind express.json() %s", async (_name, options) => {
    const app = express();
    app.use(express.json(options));
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: { "*": () => undefined } }));
    const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
    expect((await fetch(await listen(app), { method: "POST", ...delivery })).status).toBe(204);
  });

  it("works behind express.text()", async () => {
    const app = express();
    app.use(express.text({ type: "*/*" }));
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: { "*": () => undefined } }));
    const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
    expect((await fetch(await listen(app), { method: "POST", ...delivery })).status).toBe(204);
  });

  it("receives an inbound e-mail of 30 MB, far over Express's own limit", async () => {
    let size = 0;
    const app = express();
    app.post(
      "/webhooks/ahasend",
      ahaSendWebhooks({
        secret,
        on: { "message.routing": (_event, { rawBody }) => void (size = rawBody.length) },
      }),
    );
    const attachment = {
      filename: "scan.pdf",
      content_type: "application/pdf",
      data: "QUJD".repeat(7_400_000),
    };
    const delivery = signDelivery({
      secret,
      event: createEvent("message.routing", { data: { attachments: [attachment] } }),
    });
    expect((await fetch(await listen(app), { method: "POST", ...delivery })).status).toBe(204);
    expect(size).toBe(Buffer.byteLength(delivery.body));
    expect(size).toBeGreaterThan(29_500_000);
  });

  it("cuts off a chunked body of 31 MB and answers a small delivery meanwhile", async () => {
    const outcomes: Outcome[] = [];
    const app = express();
    const on = { "*": () => undefined };
    app.post(
      "/webhooks/ahasend",
      ahaSendWebhooks({ secret, on, onOutcome: (outcome) => outcomes.push(outcome) }),
    );
    const url = await listen(app);
    const { headers } = signDelivery({ secret, event: "" });
    const small = signDelivery({ secret, event: createEvent("message.opened") });
    let megabytes = 0;
    let smallStatus = 0;
    const body = new ReadableStream({
      async pull(controller) {
        megabytes += 1;
        if (megabytes === 15) smallStatus = (await fetch(url, { method: "POST", ...small })).status;
        if (megabytes > 31) controller.close();
        else controller.enqueue(new Uint8Array(1_000_000));
      },
    });
    const response = await fetch(url, { method: "POST", headers, body, duplex: "half" });
    expect([response.status, await response.json()]).toEqual([413, { code: "body_too_large" }]);
    expect(response.headers.get("connection")).toBe("close");
    expect(smallStatus).toBe(204);
    expect(outcomes.map(({ code }) => code)).toEqual(["handled", "body_too_large"]);
  });

  describe("errors on our side", () => {
    /** An app with an error handler, and what it was told while the reply was in which state. */
    async function appWith(handler: () => unknown, parse = false) {
      const told = vi.fn<(error: unknown, headersSent: boolean, finished: boolean) => void>();
      const onError: ErrorRequestHandler = (error, _req, res, _next) =>
        told(error, res.headersSent, res.writableFinished);
      const app = express();
      if (parse) app.use(express.json());
      app.post(
        "/webhooks/ahasend",
        ahaSendWebhooks({ secret, on: { "*": handler }, onOutcome: () => undefined }),
      );
      app.use((_req, res) => void res.status(418).end());
      app.use(onError);
      const url = await listen(app);
      const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
      const response = await fetch(url, { method: "POST", ...delivery });
      return { answer: [response.status, await response.json()], told };
    }

    it("reach next(error) after the reply is safe", async () => {
      const boom = new Error("boom");
      const { answer, told } = await appWith(() => Promise.reject(boom));
      expect(answer).toEqual([500, { code: "handler_failed" }]);
      await vi.waitFor(() => expect(told.mock.calls).toEqual([[boom, true, true]]), 10_000);
    });

    it.each([undefined, "route", "router", null])(
      "reach it as an error when the handler throws %j",
      async (thrown: unknown) => {
        const { answer, told } = await appWith(() => Promise.reject(thrown));
        expect(answer).toEqual([500, { code: "handler_failed" }]);
        const wrapped = expect.objectContaining({ code: "handler_failed", cause: thrown }) as unknown;
        await vi.waitFor(() => expect(told.mock.calls).toEqual([[wrapped, true, true]]), 10_000);
      },
    );

    it("reach next(error) although the sender has gone", async () => {
      const told = vi.fn();
      const boom = new Error("boom");
      const abort = new AbortController();
      const app = express();
      const on = {
        "*": async (_event: unknown, { native }: { native?: unknown }) => {
          abort.abort();
          await once((native as Request).res!, "close");
          throw boom;
        },
      };
      app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on, onOutcome: () => undefined }));
      const onError: ErrorRequestHandler = (error, _req, _res, _next) => told(error);
      app.use(onError);
      const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
      const sent = fetch(await listen(app), { method: "POST", ...delivery, signal: abort.signal });
      await expect(sent).rejects.toThrow("aborted");
      await vi.waitFor(() => expect(told.mock.calls).toEqual([[boom]]), 10_000);
    });

    it("do not cost the sender the next delivery on the same connection", async () => {
      const app = express();
      const on = { "*": () => Promise.reject(new Error("boom")) };
      app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on, onOutcome: () => undefined }));
      const url = await listen(app);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let count = 0; count < 5; count += 1) {
        const { headers, body } = signDelivery({ secret, event: createEvent("message.bounced") });
        const outgoing = request(url, { method: "POST", headers, agent }).end(body);
        const [response] = (await once(outgoing, "response")) as [IncomingMessage];
        expect(response.statusCode).toBe(500);
        response.resume();
        await once(response, "end");
      }
      agent.destroy();
    });

    it("name the cure when express.json() came first", async () => {
      const { answer, told } = await appWith(() => undefined, true);
      expect(answer).toEqual([500, { code: "body_already_parsed" }]);
      await vi.waitFor(() => expect(told).toHaveBeenCalled(), 10_000);
      expect(String(told.mock.calls[0]![0])).toMatch(
        /before body parsers such as express\.json\(\), or exclude it/,
      );
    });
  });

  it("tells the developer on the console how to cure a parsed body", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const app = express();
    app.use(express.json());
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: {} }));
    await fetch(await listen(app), {
      method: "POST",
      ...signDelivery({ secret, event: createEvent("message.opened") }),
    });
    expect(warn.mock.calls.flat().join()).toMatch(
      /body_already_parsed.*before body parsers such as express\.json\(\), or exclude/,
    );
    warn.mockRestore();
  });
});

it("refuses wrong options when the route is made", () => {
  expect(() => ahaSendWebhooks({ secret: "", on: {} })).toThrow(/secret is empty/);
});

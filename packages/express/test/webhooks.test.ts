import { replayVector, serve } from "@ahasend-webhooks/harness/adapter-tests";
import {
  type AdapterCase,
  adapterCases,
  createEvent,
  prepareCase,
  sendCase,
  serialize,
  signDelivery,
  vectors,
} from "@ahasend-webhooks/testing";
import type { Express } from "express";
import { describe, expect, it, vi } from "vitest";

import { type Outcome, ahaSendWebhooks, verifyAhaSendWebhook } from "../src/index.js";
import { versions } from "./helpers.js";

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
    expect(await sendCase(await serve(app), adapterCase)).toMatchObject(adapterCase.expected);
    expect(handled).toEqual(adapterCase.handled);
    expect(remembered()).toBe(adapterCase.remembered);
  });

  it.each(vectors)("accepts vector $name byte for byte", async (vector) => {
    const { options, delivery } = replayVector(vector);
    const seen: string[] = [];
    const app = express();
    app.post(
      "/webhooks/ahasend",
      ahaSendWebhooks({
        ...options,
        on: { "*": (event, { rawBody }) => void seen.push(event.type, Buffer.from(rawBody).toString()) },
      }),
    );
    const response = await fetch(await serve(app), { method: "POST", ...delivery });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(seen).toEqual([vector.type, vector.body]);
  });

  it.each<[string, Parameters<typeof express.json>[0]]>([
    ["if it keeps rawBody", { verify: (req, _res, buffer) => void Object.assign(req, { rawBody: buffer }) }],
    ["if it ignores the route's content type", { type: "application/vnd.api+json" }],
  ])("receives a delivery behind express.json() %s", async (_name, options) => {
    const app = express();
    app.use(express.json(options));
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: { "*": () => undefined } }));
    const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
    expect((await fetch(await serve(app), { method: "POST", ...delivery })).status).toBe(204);
  });

  it("receives a delivery behind express.text()", async () => {
    const app = express();
    app.use(express.text({ type: "*/*" }));
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: { "*": () => undefined } }));
    const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
    expect((await fetch(await serve(app), { method: "POST", ...delivery })).status).toBe(204);
  });

  it("receives an inbound email of 30 MB, far above Express's own limit", async () => {
    let size = 0;
    const app = express();
    app.post(
      "/webhooks/ahasend",
      ahaSendWebhooks({
        secret,
        on: { "message.routing": (_event, { rawBody }) => void (size = rawBody.length) },
      }),
    );
    const attachment = { filename: "scan.pdf", content_type: "application/pdf", data: "*" };
    const email = serialize(createEvent("message.routing", { data: { attachments: [attachment] } }));
    const delivery = signDelivery({ secret, event: email.replace("*", "QUJD".repeat(7_400_000)) });
    expect((await fetch(await serve(app), { method: "POST", ...delivery })).status).toBe(204);
    expect(size).toBe(Buffer.byteLength(delivery.body));
    expect(size).toBeGreaterThan(29_500_000);
  });

  it("cuts off a chunked body of 31 MB and replies to a small delivery in the meantime", async () => {
    const outcomes: Outcome[] = [];
    const app = express();
    const on = { "*": () => undefined };
    app.post(
      "/webhooks/ahasend",
      ahaSendWebhooks({ secret, on, onOutcome: (outcome) => outcomes.push(outcome) }),
    );
    const url = await serve(app);
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

  it("logs to the console how to fix a body that was already parsed", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const app = express();
    app.use(express.json());
    app.post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: {} }));
    await fetch(await serve(app), {
      method: "POST",
      ...signDelivery({ secret, event: createEvent("message.opened") }),
    });
    expect(warn.mock.calls.flat().join()).toMatch(
      /body_already_parsed.*before body parsers such as express\.json\(\), or exclude/,
    );
    warn.mockRestore();
  });
});

it("takes the secret of the environment, and throws for invalid options when the route is created", () => {
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

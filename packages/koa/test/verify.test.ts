import { replayVector } from "@ahasend-webhooks/harness/adapter-tests";
import { createEvent, signDelivery, vectors } from "@ahasend-webhooks/testing";
import { bodyParser } from "@koa/bodyparser";
import bodyParser4 from "koa-bodyparser";
import { describe, expect, it, vi } from "vitest";

import { verifyAhaSendWebhook } from "../src/index.js";
import { listen, versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe.each(versions)("verifyAhaSendWebhook on Koa $version", ({ Koa }) => {
  it.each(vectors)("passes vector $name to the next middleware", async (vector) => {
    const { options, delivery } = replayVector(vector);
    const app = new Koa();
    app.use(verifyAhaSendWebhook(options));
    app.use((ctx) => {
      const { event, context } = ctx.state.ahaSend;
      ctx.body = { type: event.type, id: context.deliveryId, body: Buffer.from(context.rawBody).toString() };
    });
    const response = await fetch(await listen(app), { method: "POST", ...delivery });
    expect(await response.json()).toEqual({
      type: vector.type,
      id: vector.webhook_id_header,
      body: vector.body,
    });
  });

  it("refuses a forged delivery without calling the next middleware", async () => {
    const next = vi.fn();
    const app = new Koa().use(verifyAhaSendWebhook({ secret })).use(next);
    const { headers, body } = signDelivery({ secret, event: createEvent("message.opened") });
    const response = await fetch(await listen(app), { method: "POST", headers, body: `${body} ` });
    expect([response.status, await response.json()]).toEqual([401, { code: "invalid_signature" }]);
    expect(next).not.toHaveBeenCalled();
  });

  it.each([
    ["@koa/bodyparser", bodyParser()],
    ["koa-bodyparser 4", bodyParser4()],
  ])("leaves nothing to %s, if that comes later", async (_name, parser) => {
    const app = new Koa();
    app.use(verifyAhaSendWebhook({ secret }));
    app.use(parser as never);
    app.use((ctx) => void (ctx.body = ctx.state.ahaSend.event.type));
    const { headers, body } = signDelivery({ secret, event: createEvent("message.opened") });
    for (const sent of [body, new Blob([body]).stream()]) {
      const send = { method: "POST", headers, body: sent, duplex: "half" } as RequestInit;
      const response = await fetch(await listen(app), send);
      expect([response.status, await response.text()]).toEqual([200, "message.opened"]);
    }
  });
});

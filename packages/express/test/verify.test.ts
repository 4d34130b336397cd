import { replayVector, serve } from "@ahasend-webhooks/harness/adapter-tests";
import { createEvent, signDelivery, vectors } from "@ahasend-webhooks/testing";
import { describe, expect, it, vi } from "vitest";

import { verifyAhaSendWebhook } from "../src/index.js";
import { versions } from "./helpers.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe.each(versions)("verifyAhaSendWebhook on Express $version", ({ express }) => {
  it.each(vectors)("passes vector $name to the next handler", async (vector) => {
    const { options, delivery } = replayVector(vector);
    const app = express();
    app.post("/webhooks/ahasend", verifyAhaSendWebhook(options), (req, res) => {
      const { event, context } = req.ahaSend!;
      res.json({ type: event.type, id: context.deliveryId, body: Buffer.from(context.rawBody).toString() });
    });
    const response = await fetch(await serve(app), { method: "POST", ...delivery });
    expect(await response.json()).toEqual({
      type: vector.type,
      id: vector.webhook_id_header,
      body: vector.body,
    });
  });

  it.each([
    ["a forged delivery", 401, "invalid_signature", (body: string) => `${body} `],
    ["a stale delivery", 401, "stale_timestamp", undefined],
  ])("refuses %s without calling the next handler", async (_name, status, code, change) => {
    const next = vi.fn();
    const app = express();
    app.post("/webhooks/ahasend", verifyAhaSendWebhook({ secret }), next);
    const at = change ? Date.now() : Date.now() - 3_600_000;
    const { headers, body } = signDelivery({ secret, event: createEvent("message.opened"), at });
    const response = await fetch(await serve(app), {
      method: "POST",
      headers,
      body: change?.(body) ?? body,
    });
    expect([response.status, await response.json()]).toEqual([status, { code }]);
    expect(next).not.toHaveBeenCalled();
  });

  it.each([
    ["with its length", (body: string) => body],
    ["in chunks", (body: string) => new Blob([body]).stream()],
  ])("leaves nothing to body parsers that come later, for a body sent %s", async (_name, toBody) => {
    const app = express();
    app.use("/webhooks/ahasend", verifyAhaSendWebhook({ secret }));
    app.use(express.json(), express.urlencoded({ extended: true }), express.text(), express.raw());
    app.post("/webhooks/ahasend", (req, res) => res.send(req.ahaSend!.event.type));
    app.post("/other", (req, res) => res.send(req.body));
    const url = await serve(app);
    const { headers, body } = signDelivery({ secret, event: createEvent("message.opened") });
    const send = { method: "POST", headers, body: toBody(body), duplex: "half" } as RequestInit;
    const response = await fetch(url, send);
    expect([response.status, await response.text()]).toEqual([200, "message.opened"]);
    const other = await fetch(new URL("/other", url), { method: "POST", headers, body: '{"a":1}' });
    expect(await other.json()).toEqual({ a: 1 });
  });
});

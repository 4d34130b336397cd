import { replayVector } from "@ahasend-webhooks/harness/adapter-tests";
import { createEvent, signDelivery, vectors } from "@ahasend-webhooks/testing";
import { type ArgumentsHost, Controller, HttpCode, Logger, Post, UseGuards } from "@nestjs/common";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { afterEach, describe, expect, it, vi } from "vitest";

import {
  type AhaSendEvent,
  AhaSendWebhookGuard,
  AhaSendWebhooksModule,
  type DeliveryContext,
  VerifiedContext,
  VerifiedEvent,
} from "../src/index.js";
import { createApp, listen, platforms, secret } from "./helpers.js";

const other = `${secret}-inbound`;

afterEach(() => vi.restoreAllMocks());

@Controller("hooks")
class Hooks {
  @Post("events")
  @HttpCode(200)
  @UseGuards(AhaSendWebhookGuard)
  events(@VerifiedEvent() event: AhaSendEvent, @VerifiedContext() context: DeliveryContext) {
    return { type: event.type, id: context.deliveryId, body: Buffer.from(context.rawBody).toString() };
  }

  @Post("inbound")
  @HttpCode(200)
  @UseGuards(AhaSendWebhookGuard.named("inbound"))
  inbound(@VerifiedEvent() event: AhaSendEvent) {
    return { type: event.type };
  }

  @Post("unguarded")
  unguarded(@VerifiedEvent() event: AhaSendEvent) {
    return event;
  }
}

describe.each(platforms)("AhaSendWebhookGuard on $platform", ({ createAdapter }) => {
  const imports = (options: object = {}) => [
    AhaSendWebhooksModule.forRoot({ secret, path: false, ...options }),
    AhaSendWebhooksModule.forRoot({ secret: other, path: false, name: "inbound" }),
  ];
  const start = async (options?: object, rawBody = true) =>
    listen(await createApp(createAdapter, imports(options), [], { controllers: [Hooks], rawBody }));

  async function post(url: string, { headers, body }: { headers: Record<string, string>; body: string }) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, json: await response.json() };
  }

  it.each(vectors)("accepts vector $name and keeps its raw body", async (vector) => {
    const { options, delivery } = replayVector(vector);
    const url = await start(options);
    const { status, json } = await post(`${url}/hooks/events`, delivery);
    expect([status, json]).toEqual([
      200,
      { type: vector.type, id: vector.webhook_id_header, body: vector.body },
    ]);
  });

  it("accepts a large email when the platform's body limit is raised as in the README", async () => {
    const event = createEvent("message.routing", {
      data: { attachments: [{ filename: "a", content_type: "text/plain", data: "QUJD".repeat(750_000) }] },
    });
    const adapter = createAdapter();
    const isFastify = adapter.getType() === "fastify";
    const app = await createApp(
      () => (isFastify ? new FastifyAdapter({ bodyLimit: 30_000_000 }) : adapter),
      imports(),
      [],
      { controllers: [Hooks], rawBody: true },
    );
    if (!isFastify) (app as NestExpressApplication).useBodyParser("json", { limit: "30mb" });
    const { status, json } = await post(`${await listen(app)}/hooks/events`, signDelivery({ secret, event }));
    expect([status, json]).toMatchObject([200, { type: "message.routing" }]);
  });

  it("refuses a delivery with the same status and code as an endpoint", async () => {
    const url = await start();
    const { headers, body } = signDelivery({ secret, event: createEvent("message.opened") });
    const { "webhook-id": _id, ...withoutId } = headers;
    const stale = signDelivery({ secret, event: createEvent("message.opened"), at: Date.now() - 3_600_000 });
    expect(await post(`${url}/hooks/events`, { headers, body: `${body} ` })).toMatchObject({
      status: 401,
      json: { code: "invalid_signature" },
    });
    expect(await post(`${url}/hooks/events`, { headers: withoutId, body })).toMatchObject({
      status: 400,
      json: { code: "missing_header" },
    });
    expect(await post(`${url}/hooks/events`, stale)).toMatchObject({
      status: 401,
      json: { code: "stale_timestamp" },
    });
  });

  it("throws an exception whose message says why, for filters that log it", async () => {
    const messages: string[] = [];
    const app = await createApp(createAdapter, imports(), [], { controllers: [Hooks], rawBody: true });
    app.useGlobalFilters({
      catch: ({ message }: Error, host: ArgumentsHost) => {
        messages.push(message);
        app.getHttpAdapter().reply(host.switchToHttp().getResponse(), {}, 401);
      },
    });
    const { headers, body } = signDelivery({ secret: other, event: createEvent("message.opened") });
    await post(`${await listen(app)}/hooks/events`, { headers, body });
    expect(messages).toEqual([expect.stringMatching(/^No signature matches/)]);
  });

  it("keeps a named endpoint apart from the default one", async () => {
    const url = await start();
    const delivery = signDelivery({ secret: other, event: createEvent("message.routing") });
    expect(await post(`${url}/hooks/inbound`, delivery)).toMatchObject({
      status: 200,
      json: { type: "message.routing" },
    });
    expect(await post(`${url}/hooks/events`, delivery)).toMatchObject({ status: 401 });
  });

  it("logs how to fix an app that was created without rawBody", async () => {
    const errors = vi.spyOn(Logger.prototype, "error").mockReturnValue();
    const url = await start({}, false);
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    expect(await post(`${url}/hooks/events`, delivery)).toMatchObject({
      status: 500,
      json: { code: "body_already_parsed" },
    });
    expect(errors.mock.calls.flat().join()).toContain("pass { rawBody: true } to NestFactory.create");
  });

  it("sends retry-after when the secret lookup fails", async () => {
    const url = await start({ secret: () => Promise.reject(new Error("vault is down")) });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    const { status, headers, json } = await post(`${url}/hooks/events`, delivery);
    expect([status, headers.get("retry-after"), json]).toEqual([503, "5", { code: "secret_unavailable" }]);
  });

  it("makes a method with @VerifiedEvent() but without the guard reply 500", async () => {
    const url = await start();
    expect(await post(`${url}/hooks/unguarded`, { headers: {}, body: "{}" })).toMatchObject({ status: 500 });
  });
});

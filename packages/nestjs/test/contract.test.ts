import type { IncomingMessage } from "node:http";
import { buffer, json } from "node:stream/consumers";

import { replayVector } from "@ahasend-webhooks/harness/adapter-tests";
import {
  type AdapterCase,
  adapterCases,
  enterState,
  prepareCase,
  sendCase,
  vectors,
} from "@ahasend-webhooks/testing";
import { type AbstractHttpAdapter } from "@nestjs/core";
import { describe, expect, it } from "vitest";

import {
  type AhaSendEvent,
  AhaSendWebhooksModule,
  AhaSendWebhooksService,
  OnAhaSendEvent,
  type UnknownEvent,
  type WebhookContext,
} from "../src/index.js";
import { createApp, listen, platforms } from "./helpers.js";

type Handle = (event: AhaSendEvent | UnknownEvent, context: WebhookContext) => unknown;

/** Creates a provider that passes every event to a function. */
function createCatchAll(handle: Handle) {
  class AllEvents {
    @OnAhaSendEvent("*")
    take(event: AhaSendEvent | UnknownEvent, context: WebhookContext) {
      return handle(event, context);
    }
  }
  return AllEvents;
}

/** Reads the body before Nest does anything, like a parser that the user has mounted on the platform. */
function parseFirst(adapter: AbstractHttpAdapter, parser: AdapterCase["parser"]): void {
  if (parser === "none") return;
  const parse = async (request: IncomingMessage) => {
    Object.assign(request, { body: await (parser === "json" ? json(request) : buffer(request)) });
  };
  const instance = adapter.getInstance();
  if (adapter.getType() === "fastify")
    instance.addHook("onRequest", ({ raw }: { raw: IncomingMessage }) => parse(raw));
  else
    instance.use(
      (request: IncomingMessage, _response: unknown, next: () => void) => void parse(request).then(next),
    );
}

describe.each(platforms)("Nest on $platform", ({ createAdapter }) => {
  it.each(adapterCases)("$name", async (adapterCase) => {
    const { options, handled, remembered } = await prepareCase(adapterCase);
    const { on, ...moduleOptions } = options;
    const adapter = createAdapter();
    parseFirst(adapter, adapterCase.parser);
    const providers = on["*"] === undefined ? [] : [createCatchAll(on["*"])];
    const app = await createApp(() => adapter, [AhaSendWebhooksModule.forRoot(moduleOptions)], providers);
    const url = await listen(app);
    await enterState(adapterCase.receiver.state, app.get(AhaSendWebhooksService));
    expect(await sendCase(`${url}/webhooks/ahasend`, adapterCase)).toMatchObject(adapterCase.expected);
    expect(handled).toEqual(adapterCase.handled);
    expect(remembered()).toBe(adapterCase.remembered);
  });

  it.each(vectors)("accepts vector $name byte for byte", async (vector) => {
    const { options, delivery } = replayVector(vector);
    const seen: string[] = [];
    const record: Handle = (event, { rawBody }) =>
      void seen.push(event.type, Buffer.from(rawBody).toString());
    const module = AhaSendWebhooksModule.forRoot(options);
    const app = await createApp(createAdapter, [module], [createCatchAll(record)]);
    const url = `${await listen(app)}/webhooks/ahasend`;
    const response = await fetch(url, { method: "POST", ...delivery });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(seen).toEqual([vector.type, vector.body]);
  });
});

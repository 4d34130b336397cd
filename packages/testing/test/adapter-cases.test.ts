import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, json } from "node:stream/consumers";

import type { Receiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, it, onTestFinished } from "vitest";

import { type AdapterCase, adapterCases, prepareCase, sendCase } from "../src/index.js";

/** Serves the receiver with node:http, behind a body parser. */
async function listen(receiver: Receiver, parser: AdapterCase["parser"]) {
  const handle = nodeHandler(receiver);
  const parse = { none: () => Promise.resolve(undefined), json, raw: buffer }[parser];
  const server = createServer((request, response) => {
    void parse(request).then((body) => handle(Object.assign(request, { body }), response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Passes a Fetch request through a parser: JSON parsing consumes the body, a raw body can be put back. */
const parsers: Record<AdapterCase["parser"], (request: Request) => Promise<Request>> = {
  none: (request) => Promise.resolve(request),
  json: async (request) => {
    await request.json();
    return request;
  },
  raw: async ({ url, headers, body }) =>
    new Request(url, { method: "POST", headers, body: await buffer(body!) }),
};

describe("receiver.fetch behind Hono", () => {
  it.each(adapterCases)("$name", async (adapterCase) => {
    const { receiver, handled, remembered } = await prepareCase(adapterCase);
    const app = new Hono();
    app.all("/", async ({ req }) => receiver.fetch(await parsers[adapterCase.parser](req.raw)));
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await sendCase(`http://127.0.0.1:${port}/`, adapterCase)).toMatchObject(adapterCase.expected);
    expect(handled).toEqual(adapterCase.handled);
    expect(remembered()).toBe(adapterCase.remembered);
  });
});

describe("nodeHandler on node:http", () => {
  it.each(adapterCases)("$name", async (adapterCase) => {
    const { receiver, handled, remembered } = await prepareCase(adapterCase);
    const server = await listen(receiver, adapterCase.parser);
    expect(await sendCase(server.url, adapterCase)).toMatchObject(adapterCase.expected);
    expect(handled).toEqual(adapterCase.handled);
    expect(remembered()).toBe(adapterCase.remembered);
    server.close();
  });
});

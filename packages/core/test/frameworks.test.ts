import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { server as createHapi } from "@hapi/hapi";
import { fastify as createFastify } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";

import { type Receiver, createReceiver } from "../src/index.js";
import { nodeHandler } from "../src/node.js";
import { bounced, delivery, recording } from "./helpers.js";

/** Serves a receiver the way the README describes; returns the URL. */
const frameworks: Record<string, (receiver: Receiver) => Promise<string>> = {
  async Hapi(receiver) {
    const hapi = createHapi({ port: 0, host: "127.0.0.1" });
    hapi.route({
      method: "*",
      path: "/webhooks/ahasend",
      options: { payload: { output: "stream", parse: false } },
      handler: async (request, h) => {
        const { method, payload, raw } = request;
        const { headers } = raw.req;
        const reply = await receiver.receive({ method, headers, body: payload, native: request });
        const response = h.response(reply.body).code(reply.status);
        for (const [name, value] of Object.entries(reply.headers)) response.header(name, value);
        return response;
      },
    });
    await hapi.start();
    onTestFinished(() => hapi.stop());
    return `${hapi.info.uri}/webhooks/ahasend`;
  },

  async Fastify(receiver) {
    const fastify = createFastify();
    await fastify.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
      scope.all("/webhooks/ahasend", async (request, reply) => {
        const { method, headers, body } = request;
        const {
          status,
          headers: replyHeaders,
          body: replyBody,
        } = await receiver.receive({
          method,
          headers,
          body: body ?? request.raw,
          native: request,
        });
        return reply.code(status).headers(replyHeaders).send(replyBody);
      });
    });
    onTestFinished(() => fastify.close());
    return `${await fastify.listen({ port: 0, host: "127.0.0.1" })}/webhooks/ahasend`;
  },

  async "Google Cloud Functions"(receiver) {
    http("webhook", nodeHandler(receiver));
    const server = getTestServer("webhook").listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  },
};

describe.each(Object.entries(frameworks))("%s", (_name, serve) => {
  it("receives a genuine delivery, refuses a forged one and anything but POST", async () => {
    const handled: string[] = [];
    const { options } = recording({ "*": (event) => void handled.push(event.type) });
    const url = await serve(createReceiver(options));
    const { headers, body } = delivery();
    const post = (sent: string) =>
      fetch(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: sent });

    expect((await post(`${bounced} `)).status).toBe(401);
    const accepted = await post(body as string);
    expect([accepted.status, await accepted.text()]).toEqual([204, ""]);
    expect(handled).toEqual(["message.bounced"]);
    const refused = await fetch(url);
    expect([refused.status, await refused.json()]).toEqual([405, { code: "method_not_allowed" }]);
  });
});

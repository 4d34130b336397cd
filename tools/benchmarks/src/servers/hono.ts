import { createReceiver, createVerifier } from "@ahasend-webhooks/core";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";

import { secret } from "../deliveries.js";
import { listen } from "./listen.js";
import { type StartServer, path, receiverOptions, webhook } from "./variant.js";

/** Hono 4, which speaks Fetch. */
export const startHono: StartServer = (variant) => {
  const app = new Hono();
  if (variant === "bare") {
    app.post(path, async (c) => {
      await c.req.arrayBuffer();
      return c.body(null, 204);
    });
  }
  if (variant === "recipe") {
    app.post(path, async (c) => {
      webhook.verify(await c.req.text(), c.req.header());
      return c.body(null, 204);
    });
  }
  if (variant === "verified") {
    const verifier = createVerifier({ secret });
    app.post(path, async (c) => {
      await verifier.verify({ headers: c.req.raw.headers, body: await c.req.arrayBuffer() });
      return c.body(null, 204);
    });
  }
  if (variant === "received") {
    const receiver = createReceiver(receiverOptions);
    app.post(path, (c) => receiver.fetch(c.req.raw));
  }
  const listener = getRequestListener(app.fetch);
  return listen((request, response) => void listener(request, response));
};

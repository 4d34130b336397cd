import { createReceiver } from "@ahasend-webhooks/core";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";

import { path } from "../limits.js";
import { type StartEndpoint, createLimitedServer, listen, createReceiverOptions } from "./endpoint.js";

/** `receiver.fetch` behind Hono's server. */
export const startFetch: StartEndpoint = (setup) => {
  const receiver = createReceiver(createReceiverOptions(setup));
  const app = new Hono().all(path, (context) => receiver.fetch(context.req.raw));
  const respond = getRequestListener(app.fetch);
  const server = createLimitedServer((request, response) => void respond(request, response));
  return listen(server, () => receiver.close());
};

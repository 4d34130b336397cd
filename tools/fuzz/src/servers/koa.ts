import { createReceiver } from "@ahasend-webhooks/core";
import { ahaSendWebhooks } from "@ahasend-webhooks/koa";
import Koa from "koa";

import { path } from "../limits.js";
import { type StartEndpoint, createLimitedServer, listen, createReceiverOptions } from "./endpoint.js";

/** Koa 3. */
export const startKoa: StartEndpoint = (setup) => {
  const receiver = createReceiver(createReceiverOptions(setup));
  const respond = new Koa().use(ahaSendWebhooks(receiver, { path })).callback();
  const server = createLimitedServer((request, response) => void respond(request, response));
  return listen(server, () => receiver.close());
};

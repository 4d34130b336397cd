import { createReceiver } from "@ahasend-webhooks/core";
import { ahaSendWebhooks } from "@ahasend-webhooks/express";
import express, { type Express } from "express";
import express4 from "express4";

import { path } from "../limits.js";
import { type StartEndpoint, createLimitedServer, listen, createReceiverOptions } from "./endpoint.js";

/** Express 5. */
export const startExpress: StartEndpoint = start(express);

/** Express 4. */
export const startExpress4: StartEndpoint = start(express4);

function start(create: () => Express): StartEndpoint {
  return (setup) => {
    const receiver = createReceiver(createReceiverOptions(setup));
    const app = create();
    app.all(path, ahaSendWebhooks(receiver));
    app.use(express.json());
    return listen(createLimitedServer(app), () => receiver.close());
  };
}

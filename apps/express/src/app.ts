import { type Receiver, ahaSendWebhooks } from "@ahasend-webhooks/express";
import type { Pages } from "@ahasend-webhooks/mail-desk";
import express from "express";

/** Creates the app with its routes. */
export function createApp(receiver: Receiver, pages: Pages) {
  const app = express();
  app.disable("x-powered-by");

  app.post("/webhooks/ahasend", ahaSendWebhooks(receiver));
  app.use(pages);

  return app;
}

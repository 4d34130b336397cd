import { type Receiver, ahaSendWebhooks } from "@ahasend-webhooks/express";
import { type Desk, pageHeaders, renderPage } from "@ahasend-webhooks/mail-desk";
import express from "express";

/** Creates the app with its routes. */
export function createApp(receiver: Receiver, desk: Desk) {
  const app = express();
  app.disable("x-powered-by");

  app.post("/webhooks/ahasend", ahaSendWebhooks(receiver));

  app.get("/healthz", (_req, res) => {
    res.json({ status: "ok" });
  });

  app.get("/stats", async (_req, res) => {
    res.json(await desk.stats());
  });

  app.get("/", async (_req, res) => {
    res.set(pageHeaders).send(renderPage(await desk.view()));
  });

  return app;
}

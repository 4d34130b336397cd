import type { RequestListener } from "node:http";

import { type Receiver, ahaSendWebhooks } from "@ahasend-webhooks/express";
import { renderPage, type Desk } from "@ahasend-webhooks/mail-desk";
import express from "express";

/** The routes. */
export function createApp(receiver: Receiver, desk: Desk): RequestListener {
  const app = express();
  app.disable("x-powered-by");

  app.post("/webhooks/ahasend", ahaSendWebhooks(receiver));

  app.get("/healthz", (_req, res) => {
    res.json({ status: "ok" });
  });

  app.get("/stats", async (_req, res) => {
    const { opens, others } = await desk.view();
    res.json({ opens, others });
  });

  app.get("/", async (_req, res) => {
    res.set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    res.type("html").send(renderPage(await desk.view()));
  });

  return app;
}

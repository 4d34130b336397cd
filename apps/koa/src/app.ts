import type { RequestListener } from "node:http";

import { type Receiver, ahaSendWebhooks } from "@ahasend-webhooks/koa";
import { renderPage, type Desk } from "@ahasend-webhooks/mail-desk";
import { Router } from "@koa/router";
import Koa from "koa";

/** The routes. */
export function createApp(receiver: Receiver, desk: Desk): RequestListener {
  const router = new Router();

  router.post("/webhooks/ahasend", ahaSendWebhooks(receiver));

  router.get("/healthz", (ctx) => {
    ctx.body = { status: "ok" };
  });

  router.get("/stats", async (ctx) => {
    const { opens, others } = await desk.view();
    ctx.body = { opens, others };
  });

  router.get("/", async (ctx) => {
    ctx.set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    ctx.type = "html";
    ctx.body = renderPage(await desk.view());
  });

  const handle = new Koa().use(router.routes()).callback();
  return (request, response) => void handle(request, response);
}

import { type Receiver, ahaSendWebhooks } from "@ahasend-webhooks/koa";
import { type Desk, pageHeaders, renderPage } from "@ahasend-webhooks/mail-desk";
import { Router } from "@koa/router";
import Koa from "koa";

/** Creates the app with its routes. */
export function createApp(receiver: Receiver, desk: Desk) {
  const router = new Router();

  router.post("/webhooks/ahasend", ahaSendWebhooks(receiver));

  router.get("/healthz", (ctx) => {
    ctx.body = { status: "ok" };
  });

  router.get("/stats", async (ctx) => {
    ctx.body = await desk.stats();
  });

  router.get("/", async (ctx) => {
    ctx.set(pageHeaders);
    ctx.body = renderPage(await desk.view());
  });

  return new Koa().use(router.routes()).callback();
}

import { type Receiver, ahaSendWebhooks } from "@ahasend-webhooks/koa";
import type { Pages } from "@ahasend-webhooks/mail-desk";
import { Router } from "@koa/router";
import Koa from "koa";

/** Creates the app with its routes. */
export function createApp(receiver: Receiver, pages: Pages) {
  const router = new Router();
  router.post("/webhooks/ahasend", ahaSendWebhooks(receiver));

  const koa = new Koa().use(router.routes());
  koa.use((ctx) => {
    ctx.respond = false;
    pages(ctx.req, ctx.res);
  });

  return koa.callback();
}

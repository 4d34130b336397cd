import { type Receiver, ahaSendWebhooks } from "@ahasend-webhooks/koa";
import type { Pages } from "@ahasend-webhooks/mail-desk";
import { Router } from "@koa/router";
import Koa from "koa";

/** Creates the app with its routes. */
export function createApp(receiver: Receiver, pages: Pages) {
  const app = new Koa();
  const router = new Router();

  router.post("/webhooks/ahasend", ahaSendWebhooks(receiver));
  app.use(router.routes()).use((ctx) => {
    ctx.respond = false;
    pages(ctx.req, ctx.res);
  });

  return app.callback();
}

import { once } from "node:events";

import { ahaSendWebhooks, verifyAhaSendWebhook } from "@ahasend-webhooks/koa";
import Koa from "koa";
import getRawBody from "raw-body";

import { secret } from "../deliveries.js";
import { listen } from "./listen.js";
import { MAX_BODY_BYTES, type StartServer, path, receiverOptions, webhook } from "./variant.js";

/** Koa 3. */
export const startKoa: StartServer = (variant) => {
  const app = new Koa();
  if (variant === "bare") {
    app.use(async (ctx) => {
      await once(ctx.req.resume(), "end");
      ctx.status = 204;
    });
  }
  if (variant === "recipe") {
    app.use(async (ctx) => {
      const body = await getRawBody(ctx.req, { length: ctx.get("content-length"), limit: MAX_BODY_BYTES });
      webhook.verify(body, ctx.headers as Record<string, string>);
      ctx.status = 204;
    });
  }
  if (variant === "verified") {
    app.use(verifyAhaSendWebhook({ secret }));
    app.use((ctx) => void (ctx.status = 204));
  }
  if (variant === "received") app.use(ahaSendWebhooks(receiverOptions, { path }));
  return listen((request, response) => void app.callback()(request, response));
};

import "reflect-metadata";

import { findChoice, runApp, toNestLogger } from "@ahasend-webhooks/mail-desk";
import { AhaSendWebhooksModule } from "@ahasend-webhooks/nestjs";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";

import { AppModule } from "./app.js";

await runApp(async ({ secret, port, desk, pages, store, work, onOutcome, log }) => {
  const platform = findChoice(process.env, "PLATFORM", ["express", "fastify"]);
  const adapter = platform === "fastify" ? new FastifyAdapter() : new ExpressAdapter();
  const webhooks = AhaSendWebhooksModule.forRoot({
    path: "/webhooks/ahasend",
    secret,
    store,
    work,
    onOutcome,
  });
  const module = AppModule.register(desk, webhooks);
  // No logger until the app listens: runApp reports a failed start in one line.
  const app = await NestFactory.create(module, adapter, { logger: false, abortOnError: false });
  app.use(pages);
  app.useLogger(toNestLogger(log));
  await app.listen(port);
  return { server: app.getHttpServer(), stop: () => app.close() };
});

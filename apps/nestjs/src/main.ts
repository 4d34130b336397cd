import "reflect-metadata";

import { findChoice, runApp, toNestLogger } from "@ahasend-webhooks/mail-desk";
import { AhaSendWebhooksModule } from "@ahasend-webhooks/nestjs";
import { NestFactory } from "@nestjs/core";

import { AppModule } from "./app.js";

/** Only the chosen platform is loaded. */
const platforms = {
  express: async () => new (await import("@nestjs/platform-express")).ExpressAdapter(),
  fastify: async () => new (await import("@nestjs/platform-fastify")).FastifyAdapter(),
};

await runApp(async ({ secret, port, desk, pages, store, work, onOutcome, log }) => {
  const platform = findChoice(process.env, "PLATFORM", ["express", "fastify"]) ?? "express";
  const webhooks = AhaSendWebhooksModule.forRoot({
    path: "/webhooks/ahasend",
    secret,
    store,
    work,
    onOutcome,
  });
  const module = AppModule.register(desk, webhooks);
  // No logger until the app listens: runApp reports a failed start in one line.
  const app = await NestFactory.create(module, await platforms[platform](), {
    logger: false,
    abortOnError: false,
  });
  app.use(pages);
  app.useLogger(toNestLogger(log));
  await app.listen(port);
  return { server: app.getHttpServer(), stop: () => app.close() };
});

import "reflect-metadata";

import { readChoice, runApp, toNestLogger } from "@ahasend-webhooks/mail-desk";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";

import { AppModule } from "./app.js";

await runApp(async (parts) => {
  const platform = readChoice("PLATFORM", ["express", "fastify"]);
  const adapter = platform === "fastify" ? new FastifyAdapter() : new ExpressAdapter();
  const module = AppModule.register(parts);
  // No logger until the app listens: runApp reports a failed start in one line.
  const app = await NestFactory.create(module, adapter, { logger: false, abortOnError: false });
  app.useLogger(toNestLogger(parts.log));
  await app.listen(parts.port);
  return { server: app.getHttpServer(), stop: () => app.close() };
});

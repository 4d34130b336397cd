import "reflect-metadata";

import { runWorker, toNestLogger } from "@ahasend-webhooks/mail-desk";
import { AhaSendWebhooksWorkerModule } from "@ahasend-webhooks/nestjs";
import { NestFactory } from "@nestjs/core";

import { AppModule } from "./app.js";

await runWorker(async ({ desk, store, onOutcome, log }) => {
  const module = AppModule.register(desk, AhaSendWebhooksWorkerModule.forRoot({ store, onOutcome }));
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  app.useLogger(toNestLogger(log));
  return app;
});

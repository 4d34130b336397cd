import "reflect-metadata";
import type { AddressInfo } from "node:net";

import { createLogger, readConfig, type Storage } from "@ahasend-webhooks/mail-desk";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";

import { AppModule } from "./app.js";
import { NestLog } from "./nest-log.js";
import { STORAGE } from "./storage-module.js";

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  // Connections that stand already would keep the process alive.
  process.exit(1);
}

async function main(): Promise<void> {
  const { port, platform } = readConfig(process.env);
  const log = createLogger();
  const adapter = platform === "fastify" ? new FastifyAdapter() : new ExpressAdapter();
  // Silent until it stands: what goes wrong before is one line, written above.
  const app = await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false });
  app.useLogger(new NestLog(log));
  await app.listen(port);

  const shutDown = async (signal: NodeJS.Signals): Promise<void> => {
    log.info({ signal }, "draining");
    await app.close();
    log.info("stopped");
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal));
  const storage = app.get<Storage>(STORAGE);
  log.info({ port: (app.getHttpServer().address() as AddressInfo).port, storage: storage.name }, "listening");
}

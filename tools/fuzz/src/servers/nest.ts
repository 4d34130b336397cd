import "reflect-metadata";

import type { AhaSendEvent, UnknownEvent, WebhookContext } from "@ahasend-webhooks/core";
import { AhaSendWebhooksModule, AhaSendWebhooksService, OnAhaSendEvent } from "@ahasend-webhooks/nestjs";
import { Inject, Injectable, Module } from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import type { RequestListener, Server } from "node:http";

import { path } from "../limits.js";
import {
  type Handle,
  type Setup,
  type StartEndpoint,
  createLimitedServer,
  createIntakeOptions,
  listen,
} from "./endpoint.js";

const HANDLE = Symbol("handle");

@Injectable()
class Handlers {
  constructor(@Inject(HANDLE) private readonly handle: Handle) {}

  @OnAhaSendEvent("*")
  receive(event: AhaSendEvent | UnknownEvent, context: WebhookContext): Promise<void> {
    return this.handle(event, context);
  }
}

@Module({})
class AppModule {}

/** NestJS on Express, its default. */
export const startNestOnExpress: StartEndpoint = async (setup) => {
  const adapter = new ExpressAdapter();
  const app = await create(adapter, setup);
  const server = createLimitedServer(adapter.getInstance<RequestListener>());
  return listen(server, () => app.get(AhaSendWebhooksService).close());
};

/** NestJS on Fastify. */
export const startNestOnFastify: StartEndpoint = async (setup) => {
  let server: Server | undefined;
  const adapter = new FastifyAdapter({
    serverFactory: (listener: RequestListener) => (server = createLimitedServer(listener)),
  });
  const app = await create(adapter, setup);
  await adapter.getInstance().ready();
  if (server === undefined) throw new Error("Fastify did not call serverFactory.");
  return listen(server, () => app.get(AhaSendWebhooksService).close());
};

async function create(adapter: AbstractHttpAdapter, setup: Setup) {
  const imports = [AhaSendWebhooksModule.forRoot({ ...createIntakeOptions(setup), path })];
  const providers = [Handlers, { provide: HANDLE, useValue: setup.handle }];
  // Logs no start-up lines, but errors as in production.
  const logger = ["fatal", "error", "warn"] as const;
  const app = await NestFactory.create({ module: AppModule, imports, providers }, adapter, {
    logger: [...logger],
    abortOnError: false,
  });
  return app.init();
}

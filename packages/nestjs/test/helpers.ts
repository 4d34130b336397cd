import type { AddressInfo } from "node:net";

import { signDelivery } from "@ahasend-webhooks/testing";
import {
  Global,
  type INestApplication,
  Module,
  type ModuleMetadata,
  type NestApplicationOptions,
  type Provider,
} from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { onTestFinished } from "vitest";

export const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

export const platforms: { platform: string; createAdapter: () => AbstractHttpAdapter }[] = [
  { platform: "Express", createAdapter: () => new ExpressAdapter() },
  { platform: "Fastify", createAdapter: () => new FastifyAdapter() },
];

/** Creates a global module from its metadata. */
export function createModule(metadata: ModuleMetadata) {
  @Global()
  @Module(metadata)
  class TestModule {}
  return TestModule;
}

/** Creates an app that is not listening yet and is closed when the test ends. */
export async function createApp(
  createAdapter: () => AbstractHttpAdapter,
  imports: ModuleMetadata["imports"],
  providers: Provider[] = [],
  options: NestApplicationOptions & Pick<ModuleMetadata, "controllers"> = {},
): Promise<INestApplication> {
  const { controllers = [], ...appOptions } = options;
  const root = createModule({ imports: imports ?? [], providers, controllers });
  const app = await NestFactory.create(root, createAdapter(), {
    logger: false,
    abortOnError: false,
    ...appOptions,
  });
  onTestFinished(() => app.close());
  return app;
}

/** Starts an app on a free port. Returns its URL. */
export async function listen(app: INestApplication): Promise<string> {
  await app.listen(0, "127.0.0.1");
  const { port } = app.getHttpServer().address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Delivers a signed event as AhaSend does. Returns the status of the reply. */
export async function deliver(
  url: string,
  event: Parameters<typeof signDelivery>[0]["event"],
  key = secret,
  id?: string,
): Promise<number> {
  const { headers, body } = signDelivery({ secret: key, event, ...(id !== undefined && { id }) });
  const response = await fetch(url, { method: "POST", headers, body });
  await response.text();
  return response.status;
}

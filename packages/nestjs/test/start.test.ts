import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { type INestApplicationContext, Logger } from "@nestjs/common";
import { LazyModuleLoader, NestFactory, REQUEST } from "@nestjs/core";
import { Transport } from "@nestjs/microservices";
import { ExpressAdapter } from "@nestjs/platform-express";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import {
  AhaSendWebhooksModule,
  type AhaSendWebhooksOptions,
  AhaSendWebhooksService,
  AhaSendWebhooksWorkerModule,
  OnAhaSendEvent,
} from "../src/index.js";
import { createApp, createModule, deliver, listen, platforms, secret } from "./helpers.js";

class Handlers {
  calls = 0;

  @OnAhaSendEvent("*")
  take() {
    this.calls += 1;
  }
}

const bounce = createEvent("message.bounced");
const root = () =>
  createModule({ imports: [AhaSendWebhooksModule.forRoot({ secret })], providers: [Handlers] });
const quiet = { logger: false, abortOnError: false } as const;
const microservice = { transport: Transport.TCP, options: { host: "127.0.0.1", port: 0 } } as const;

/** Passes a delivery to the service of an app, which is closed when the test ends. */
async function receive(app: INestApplicationContext) {
  onTestFinished(() => app.close());
  const { status } = await app.get(AhaSendWebhooksService).receive(signDelivery({ secret, event: bounce }));
  return { status, calls: app.get(Handlers).calls };
}

describe("an app without an HTTP server", () => {
  it("starts as a microservice and receives a delivery through its service", async () => {
    const app = await NestFactory.createMicroservice(root(), { ...microservice, ...quiet });
    await app.listen();
    expect(await receive(app)).toEqual({ status: 204, calls: 1 });
  });

  it("starts as an application context and receives a delivery through its service", async () => {
    expect(await receive(await NestFactory.createApplicationContext(root(), quiet))).toEqual({
      status: 204,
      calls: 1,
    });
  });
});

it.each(platforms)("mounts the endpoint in a hybrid app on $platform", async ({ createAdapter }) => {
  const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers]);
  app.connectMicroservice(microservice);
  await app.startAllMicroservices();
  expect(await deliver(`${await listen(app)}/webhooks/ahasend`, bounce)).toBe(204);
  expect(app.get(Handlers).calls).toBe(1);
});

describe("a lazily loaded module", () => {
  it.each(platforms)(
    "fails with the reason on $platform, and the app keeps running",
    async ({ createAdapter }) => {
      const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers]);
      const url = await listen(app);
      const lazy = createModule({
        imports: [AhaSendWebhooksModule.forRoot({ secret, name: "lazy", path: "/lazy" })],
      });
      await expect(app.get(LazyModuleLoader).load(() => lazy)).rejects.toThrow(
        /^AhaSendWebhooksModule, endpoint "lazy" at \/lazy: .*Import it when the app starts/,
      );
      expect(await deliver(`${url}/webhooks/ahasend`, bounce)).toBe(204);
    },
  );
});

describe("an option that does not exist", () => {
  const forRoot = (options: object) => AhaSendWebhooksModule.forRoot({ secret, ...options });
  it.each([
    ["misspelt", forRoot({ pth: "/x" }), /pth is not an option: did you mean path\?$/],
    [
      "of an adapter",
      forRoot({ on: {} }),
      /on is not an option here: decorate methods of providers with @On/,
    ],
    [
      "of forRootAsync itself",
      AhaSendWebhooksModule.forRootAsync({ useFactory: () => ({ secret, path: "/x" }) }),
      /path is not an option here: pass it to forRootAsync itself, beside useFactory\.$/,
    ],
  ])("keeps the app from starting: %s", async (_what, module, message) => {
    await expect(createApp(() => new ExpressAdapter(), [module])).rejects.toThrow(message);
  });
});

describe("the secret in the environment", () => {
  it("is read when the app starts, after .env files are loaded, and the app does not start without it", async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("AHASEND_WEBHOOK_SECRET", undefined);
    const module = AhaSendWebhooksModule.forRoot({});
    await expect(createApp(() => new ExpressAdapter(), [module])).rejects.toThrow(
      /endpoint "default" at \/webhooks\/ahasend: secret is missing, .* AHASEND_WEBHOOK_SECRET is not set: .* or pass secret\.$/,
    );
    vi.stubEnv("AHASEND_WEBHOOK_SECRET", secret);
    const app = await createApp(() => new ExpressAdapter(), [module]);
    const url = `${await listen(app)}/webhooks/ahasend`;
    expect(await deliver(url, createEvent("message.opened"))).toBe(204);
  });
});

describe.each([
  ["AhaSendWebhooksModule", AhaSendWebhooksModule],
  ["AhaSendWebhooksWorkerModule", AhaSendWebhooksWorkerModule],
])("%s without options", (name, module) => {
  it("warns that nothing will be received", async () => {
    const warn = vi.spyOn(Logger.prototype, "warn").mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const app = await NestFactory.createApplicationContext(createModule({ imports: [module] }), quiet);
    onTestFinished(() => app.close());
    expect(warn.mock.calls).toEqual([
      [`${name} was imported without options, so that it does nothing: import ${name}.forRoot(…).`],
    ]);
  });

  it("starts beside a module that has them, as in a module of features", async () => {
    const feature = createModule({ imports: [module] });
    const app = createModule({
      imports: [feature, AhaSendWebhooksModule.forRoot({ secret })],
      providers: [Handlers],
    });
    expect(await receive(await NestFactory.createApplicationContext(app, quiet))).toMatchObject({
      status: 204,
    });
  });
});

it("has a default for each option, because the secret may be in the environment", async () => {
  vi.stubEnv("AHASEND_WEBHOOK_SECRET", secret);
  onTestFinished(() => void vi.unstubAllEnvs());
  const app = createModule({ imports: [AhaSendWebhooksModule.forRoot()], providers: [Handlers] });
  expect(await receive(await NestFactory.createApplicationContext(app, quiet))).toMatchObject({
    status: 204,
  });
});

describe("a start-up error", () => {
  const start = (options: unknown, endpoint = {}) =>
    createApp(
      () => new ExpressAdapter(),
      [AhaSendWebhooksModule.forRoot({ ...(options as AhaSendWebhooksOptions), ...endpoint })],
    );

  it.each([
    ["undefined", undefined],
    ["empty", ""],
  ])("names the endpoint, the value and the fix when the secret is %s", async (given, value) => {
    await expect(start({ secret: value }, { name: "inbound", path: "/mail" })).rejects.toThrow(
      new RegExp(
        `^AhaSendWebhooksModule, endpoint "inbound" at /mail: secret is ${given}.* forRootAsync with ConfigService`,
      ),
    );
  });

  it("is a TypeError that does not contain the secret", async () => {
    const error: unknown = await start({ secret: " aha-whsec-wrong-because-of-white-space" }).catch(
      (cause) => cause,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/endpoint "default" at \/webhooks\/ahasend: secret has white space/);
    expect(String(error)).not.toMatch(/wrong-because|ConfigService/);
  });

  it("is thrown when the factory of forRootAsync returns undefined", async () => {
    const module = AhaSendWebhooksModule.forRootAsync({ useFactory: () => undefined as never, path: false });
    await expect(createApp(() => new ExpressAdapter(), [module])).rejects.toThrow(
      /^AhaSendWebhooksModule, endpoint "default": .*undefined/,
    );
  });

  it.each(platforms)(
    "is thrown when the options are request-scoped on $platform",
    async ({ createAdapter }) => {
      const options = { inject: [REQUEST], useFactory: () => ({ secret }) };
      const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRootAsync(options)], [Handlers]);
      await expect(app.init()).rejects.toThrow(
        /^AhaSendWebhooksModule, endpoint "default" at \/webhooks\/ahasend: .*request-scoped/,
      );
    },
  );

  it("is thrown when Express does not register the endpoint's route", async () => {
    // Its methods cannot be replaced.
    const adapter = new ExpressAdapter();
    const post = adapter.post.bind(adapter);
    Object.defineProperty(adapter, "post", { get: () => post, set: vi.fn() });
    const app = await createApp(() => adapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers]);
    await expect(app.init()).rejects.toThrow(
      /^AhaSendWebhooksModule, endpoint "default" at \/webhooks\/ahasend: Express did not register its route/,
    );
  });
});

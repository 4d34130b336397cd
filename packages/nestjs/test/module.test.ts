import { once } from "node:events";
import { connect } from "node:net";

import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import {
  type CanActivate,
  Catch,
  Controller,
  Get,
  Inject,
  Injectable,
  Logger,
  RequestMethod,
  Scope,
  SetMetadata,
  ValidationPipe,
  VersioningType,
} from "@nestjs/common";
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryService, Reflector } from "@nestjs/core";
import { Test } from "@nestjs/testing";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { ThrottlerGuard, ThrottlerModule } from "@nestjs/throttler";
import express from "express";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import {
  AhaSendWebhooksModule,
  AhaSendWebhooksService,
  MemoryStore,
  OnAhaSendEvent,
  getAhaSendWebhooksToken,
} from "../src/index.js";
import { createApp, createModule, deliver, listen, platforms, secret } from "./helpers.js";

const other = `${secret}-inbound`;

afterEach(() => vi.restoreAllMocks());

/** A provider that records the events its methods are called with. */
class Notes {
  readonly all: string[] = [];

  @OnAhaSendEvent("message.bounced", "message.opened")
  bouncedOrOpened(event: { type: string }) {
    this.all.push(`first ${event.type}`);
  }

  @OnAhaSendEvent("message.bounced")
  async bounced(event: { type: string }) {
    this.all.push(`second ${event.type}`);
  }

  @OnAhaSendEvent("*")
  rest(event: { type: string }) {
    this.all.push(`rest ${event.type}`);
  }
}

const largeMail = createEvent("message.routing", {
  data: { attachments: [{ filename: "a", content_type: "text/plain", data: "QUJD".repeat(750_000) }] },
});

describe.each(platforms)("AhaSendWebhooksModule on $platform", ({ createAdapter }) => {
  it('calls every handler of a type, and "*" for other types', async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
    const url = `${await listen(app)}/webhooks/ahasend`;
    expect(await deliver(url, createEvent("message.bounced"))).toBe(204);
    expect(await deliver(url, createEvent("message.opened"))).toBe(204);
    expect(await deliver(url, '{"type":"message.teleported","data":{}}')).toBe(204);
    const { all } = app.get(Notes);
    expect(all.slice(0, 2).toSorted()).toEqual(["first message.bounced", "second message.bounced"]);
    expect(all.slice(2)).toEqual(["first message.opened", "rest message.teleported"]);
  });

  it.each([
    ["a class", { provide: Notes, useClass: Notes }],
    ["a factory", { provide: Notes, useFactory: () => new Notes() }],
    ["a value", { provide: Notes, useValue: new Notes() }],
    ["a subclass", { provide: Notes, useClass: class MoreNotes extends Notes {} }],
  ])("finds the handlers of a provider created from %s only once", async (_how, provider) => {
    const alias = { provide: "alias", useExisting: Notes };
    const app = await createApp(
      createAdapter,
      [AhaSendWebhooksModule.forRoot({ secret })],
      [provider, alias],
    );
    const url = `${await listen(app)}/webhooks/ahasend`;
    const { all } = app.get(Notes);
    const before = all.length;
    expect(await deliver(url, createEvent("message.failed"))).toBe(204);
    expect(all.slice(before)).toEqual(["rest message.failed"]);
  });

  it("runs all handlers again after one has failed", async () => {
    const calls: string[] = [];
    class Flaky {
      @OnAhaSendEvent("message.bounced")
      fails() {
        calls.push("flaky");
        if (calls.length < 3) throw new Error("not yet");
      }
    }
    class Steady {
      @OnAhaSendEvent("message.bounced")
      succeeds() {
        calls.push("steady");
      }
    }
    const module = AhaSendWebhooksModule.forRoot({ secret, onOutcome: () => undefined });
    const app = await createApp(createAdapter, [module], [Flaky, Steady]);
    const url = `${await listen(app)}/webhooks/ahasend`;
    const event = createEvent("message.bounced");
    expect(await deliver(url, event, secret, "msg_1")).toBe(500);
    expect(await deliver(url, event, secret, "msg_1")).toBe(204);
    expect(await deliver(url, event, secret, "msg_1")).toBe(204);
    expect([...calls].toSorted()).toEqual(["flaky", "flaky", "steady", "steady"]);
  });

  it.each([undefined, { rawBody: true }, { bodyParser: false }])(
    "receives 3 MB behind a prefix, versions, a guard, a pipe, an interceptor, a filter and a throttler (%j)",
    async (options) => {
      const deny: CanActivate = { canActivate: () => false };
      const intercept = vi.fn((_context, next) => next.handle());
      const filter = vi.fn();
      @Catch()
      class Filter {
        catch = filter;
      }
      const app = await createApp(
        createAdapter,
        [
          AhaSendWebhooksModule.forRoot({ secret, path: "hooks/mail" }),
          ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1 }]),
        ],
        [
          Notes,
          { provide: APP_GUARD, useValue: deny },
          { provide: APP_GUARD, useClass: ThrottlerGuard },
          {
            provide: APP_PIPE,
            useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
          },
          { provide: APP_INTERCEPTOR, useValue: { intercept } },
          { provide: APP_FILTER, useClass: Filter },
        ],
        options,
      );
      app.setGlobalPrefix("api/v2");
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: "1" });
      const url = await listen(app);
      for (const event of [largeMail, createEvent("message.failed"), createEvent("message.failed")]) {
        expect(await deliver(`${url}/api/v2/hooks/mail`, event)).toBe(204);
      }
      expect(app.get(Notes).all).toEqual([
        "rest message.routing",
        "rest message.failed",
        "rest message.failed",
      ]);
      expect(intercept).not.toHaveBeenCalled();
      expect(filter).not.toHaveBeenCalled();
    },
  );

  it("has no prefix if the global prefix excludes its path", async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
    app.setGlobalPrefix("api", { exclude: [{ path: "webhooks/ahasend", method: RequestMethod.POST }] });
    const url = await listen(app);
    expect(await deliver(`${url}/webhooks/ahasend`, createEvent("message.failed"))).toBe(204);
    expect(await deliver(`${url}/api/webhooks/ahasend`, createEvent("message.failed"))).toBe(404);
  });

  it("passes all other requests to the app", async () => {
    @Controller()
    class Home {
      @Get("webhooks")
      home() {
        return "home";
      }
    }
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes], {
      controllers: [Home],
    });
    const url = await listen(app);
    expect(await (await fetch(`${url}/webhooks`)).text()).toBe("home");
    expect((await fetch(`${url}/webhooks/ahasend/other`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${url}/webhooks/ahasend?source=x`, { method: "POST" })).status).toBe(400);
    expect((await fetch(`${url}/webhooks/ahasend`)).status).toBe(405);
  });

  it("keeps the paths, secrets and handlers of two endpoints apart", async () => {
    const calls: string[] = [];
    class Handlers {
      @OnAhaSendEvent("message.routing", { name: "inbound" })
      inbound() {
        calls.push("inbound only");
      }

      @OnAhaSendEvent("message.bounced")
      everywhere() {
        calls.push("everywhere");
      }
    }
    const app = await createApp(
      createAdapter,
      [
        AhaSendWebhooksModule.forRoot({ secret, path: "/events" }),
        AhaSendWebhooksModule.forRoot({ secret: other, path: "/inbound", name: "inbound" }),
      ],
      [Handlers],
    );
    const url = await listen(app);
    const bounce = createEvent("message.bounced");
    expect(await deliver(`${url}/events`, bounce, secret, "msg_1")).toBe(204);
    expect(await deliver(`${url}/inbound`, bounce, other, "msg_1")).toBe(204);
    expect(await deliver(`${url}/events`, bounce, other, "msg_2")).toBe(401);
    expect(await deliver(`${url}/inbound`, bounce, secret, "msg_2")).toBe(401);
    expect(await deliver(`${url}/events`, largeMail, secret)).toBe(204);
    expect(calls).toEqual(["everywhere", "everywhere"]);
    expect(await deliver(`${url}/inbound`, largeMail, other)).toBe(204);
    expect(calls).toEqual(["everywhere", "everywhere", "inbound only"]);
    expect(app.get(getAhaSendWebhooksToken("inbound"))).not.toBe(app.get(getAhaSendWebhooksToken("default")));
  });

  it("keeps two unnamed endpoints apart", async () => {
    const app = await createApp(
      createAdapter,
      [
        AhaSendWebhooksModule.forRoot({ secret, path: "/a" }),
        AhaSendWebhooksModule.forRoot({ secret: other, path: "/b" }),
      ],
      [Notes],
    );
    const url = await listen(app);
    const statuses = [];
    for (const [path, key] of [
      ["/a", secret],
      ["/b", other],
      ["/a", other],
      ["/b", secret],
    ] as const) {
      statuses.push(await deliver(url + path, createEvent("message.failed"), key));
    }
    expect(statuses).toEqual([204, 204, 401, 401]);
  });

  it("gets its secret and its store through dependency injection", async () => {
    const store = new MemoryStore();
    @Injectable()
    class Vault {
      readonly secret = secret;
    }
    const app = await createApp(
      createAdapter,
      [
        AhaSendWebhooksModule.forRootAsync({
          imports: [
            createModule({
              providers: [Vault, { provide: "STORE", useValue: store }],
              exports: [Vault, "STORE"],
            }),
          ],
          inject: [Vault, "STORE"],
          useFactory: async (vault: Vault, shared: MemoryStore) => ({ secret: vault.secret, store: shared }),
          path: "/mail",
        }),
      ],
      [Notes],
    );
    expect(await deliver(`${await listen(app)}/mail`, createEvent("message.failed"))).toBe(204);
    expect(store.size).toBe(1);
  });

  it("passes the platform's request to the secret function", async () => {
    const seen: unknown[] = [];
    const look = ({ native }: { native?: unknown }) => {
      seen.push((native as { hostname: string }).hostname);
      return secret;
    };
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret: look })], [Notes]);
    expect(await deliver(`${await listen(app)}/webhooks/ahasend`, createEvent("message.failed"))).toBe(204);
    expect(seen).toEqual(["127.0.0.1"]);
  });

  it("receives a delivery in a testing module", async () => {
    const root = createModule({ imports: [AhaSendWebhooksModule.forRoot({ secret })], providers: [Notes] });
    const app = (await Test.createTestingModule({ imports: [root] }).compile()).createNestApplication(
      createAdapter(),
    );
    onTestFinished(() => app.close());
    expect(await deliver(`${await listen(app)}/webhooks/ahasend`, largeMail)).toBe(204);
    expect(app.get(Notes).all).toEqual(["rest message.routing"]);
  });

  it("returns a rejected promise from receive() before the app has started", async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
    const promise = app.get(AhaSendWebhooksService).receive({ headers: {}, body: "" });
    await expect(promise).rejects.toThrow(/await app\.init\(\)/);
  });

  it("handles a delivery that is passed to its service", async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
    const service = app.get(AhaSendWebhooksService);
    const delivery = signDelivery({ secret, event: createEvent("message.failed") });
    await app.init();
    expect((await service.receive(delivery)).status).toBe(204);
  });

  it("finishes deliveries in flight when the app closes", async () => {
    let finish!: () => void;
    const started = vi.fn();
    class Slow {
      @OnAhaSendEvent("message.bounced")
      async take() {
        started();
        await new Promise<void>((resolve) => (finish = resolve));
      }
    }
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Slow]);
    const url = await listen(app);
    const pending = deliver(`${url}/webhooks/ahasend`, createEvent("message.bounced"));
    await vi.waitFor(() => expect(started).toHaveBeenCalled(), 10_000);
    const closed = app.close();
    finish();
    expect(await pending).toBe(204);
    await closed;
  });

  it("applies the decorators option to its controller", async () => {
    const module = AhaSendWebhooksModule.forRoot({ secret, decorators: [SetMetadata("isPublic", true)] });
    const app = await createApp(createAdapter, [module], [Notes]);
    await app.init();
    const controllers = app.get(DiscoveryService, { strict: false }).getControllers();
    const names = controllers.map(({ metatype }) => app.get(Reflector).get("isPublic", metatype!));
    expect(names).toContain(true);
  });

  describe("when the app starts", () => {
    const spyOnWarnings = () => vi.spyOn(Logger.prototype, "warn").mockReturnValue();

    it("logs a warning if there is no handler", async () => {
      const warnings = spyOnWarnings();
      await (await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })])).init();
      expect(warnings.mock.calls).toEqual([[expect.stringContaining("@OnAhaSendEvent")]]);
    });

    it("logs a warning for a handler in a request-scoped or transient provider and does not call it", async () => {
      const warnings = spyOnWarnings();
      const called = vi.fn();
      @Injectable({ scope: Scope.REQUEST })
      class PerRequest {
        @OnAhaSendEvent("message.bounced")
        take() {
          called();
        }
      }
      @Injectable({ scope: Scope.TRANSIENT })
      class Transient {
        @OnAhaSendEvent("message.bounced")
        take() {
          called();
        }
      }
      const app = await createApp(
        createAdapter,
        [AhaSendWebhooksModule.forRoot({ secret })],
        [PerRequest, Transient, Notes],
      );
      const url = await listen(app);
      expect(warnings.mock.calls.map(String).toSorted()).toEqual([
        expect.stringMatching(/^PerRequest\.take will not be called: .*default scope/),
        expect.stringMatching(/^Transient\.take will not be called: .*default scope/),
      ]);
      expect(await deliver(`${url}/webhooks/ahasend`, createEvent("message.bounced"))).toBe(204);
      expect(called).not.toHaveBeenCalled();
    });

    it("throws for invalid options", async () => {
      const start = createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret: "" })], [Notes]);
      await expect(start).rejects.toThrow(/secret is empty: /);
    });
  });

  it("uses Nest's logger, logs causes, and repeats no entry within a minute", async () => {
    const warn = vi.spyOn(Logger.prototype, "warn").mockReturnValue();
    const error = vi.spyOn(Logger.prototype, "error").mockReturnValue();
    class Failing {
      @OnAhaSendEvent("message.bounced")
      take() {
        throw new Error("boom");
      }
    }
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Failing]);
    const url = `${await listen(app)}/webhooks/ahasend`;
    for (const key of [other, other, secret, secret]) await deliver(url, createEvent("message.bounced"), key);
    expect(warn.mock.calls).toEqual([[expect.stringContaining("401 invalid_signature")]]);
    expect(error.mock.calls).toEqual([
      [expect.stringMatching(/500 handler_failed .*\n {2}caused by: Error: boom\n/)],
    ]);
  });

  it("replies 408 to an upload that stalls", async () => {
    const app = await createApp(
      createAdapter,
      [AhaSendWebhooksModule.forRoot({ secret, bodyTimeoutSeconds: 0.05 })],
      [Notes],
    );
    const url = new URL(await listen(app));
    const { headers } = signDelivery({ secret, event: createEvent("message.failed") });
    const socket = connect(Number(url.port), "127.0.0.1");
    await once(socket, "connect");
    const lines = Object.entries({ host: "x", ...headers, "content-length": "100" }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST /webhooks/ahasend HTTP/1.1\r\n${lines.join("")}\r\n{`);
    const [reply] = (await once(socket, "data")) as [Buffer];
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 408 /);
    socket.destroy();
  });
});

it("replies to requests made with Fastify's inject", async () => {
  const app = await createApp(
    () => new FastifyAdapter(),
    [AhaSendWebhooksModule.forRoot({ secret })],
    [Notes],
  );
  await app.init();
  const { headers, body } = signDelivery({ secret, event: createEvent("message.failed") });
  const fastify: NestFastifyApplication = app.getHttpAdapter().getInstance();
  const post = (payload: string) =>
    fastify.inject({ method: "POST", url: "/webhooks/ahasend", headers, payload });
  expect((await post(body)).statusCode).toBe(204);
  expect(await post(`${body} `)).toMatchObject({ statusCode: 401, body: '{"code":"invalid_signature"}' });
});

it("provides its service without an HTTP platform", async () => {
  @Injectable()
  class Consumer {
    constructor(@Inject(AhaSendWebhooksService) readonly webhooks: AhaSendWebhooksService) {}
  }
  const root = createModule({
    imports: [AhaSendWebhooksModule.forRoot({ secret })],
    providers: [Consumer, Notes],
  });
  const testing = await Test.createTestingModule({ imports: [root] }).compile();
  await testing.init();
  const delivery = signDelivery({ secret, event: createEvent("message.failed") });
  expect((await testing.get(Consumer).webhooks.receive(delivery)).status).toBe(204);
});

it("logs a warning if a JSON parser was mounted on Express before the module", async () => {
  const warnings = vi.spyOn(Logger.prototype, "warn").mockReturnValue();
  const adapter = new ExpressAdapter(express().use(express.json()));
  await createApp(() => adapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
  expect(warnings.mock.calls.flat()).toEqual([
    expect.stringMatching(/^A JSON body parser was mounted before/),
  ]);
});

import { AsyncLocalStorage } from "node:async_hooks";
import { buffer } from "node:stream/consumers";

import { CreateRequestContext, EntitySchema } from "@mikro-orm/core";
import { MikroOrmModule } from "@mikro-orm/nestjs";
import { EntityManager, MikroORM, PostgreSqlDriver } from "@mikro-orm/postgresql";
import { hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import {
  Body,
  Controller,
  Inject,
  type INestApplication,
  Module,
  type NestMiddleware,
  type NestModule,
  Post,
  type MiddlewareConsumer,
} from "@nestjs/common";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { Test } from "@nestjs/testing";
import express from "express";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type AhaSendEventOf, AhaSendWebhooksModule, OnAhaSendEvent } from "../src/index.js";
import { createApp, createModule, deliver, listen, platforms, secret } from "./helpers.js";

type Middleware = (
  request: { headers: Record<string, string | undefined> },
  response: { statusCode: number; end(body: string): void },
  next: () => void,
) => void;

const bounce = createEvent("message.bounced");
const largeMail = createEvent("message.routing", {
  data: { attachments: [{ filename: "a", content_type: "text/plain", data: "QUJD".repeat(250_000) }] },
});

/** Creates a module that applies middleware to every route. */
function createMiddlewareModule(middleware: Middleware): new () => NestModule {
  @Module({})
  class Applying implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      class Class implements NestMiddleware {
        use = middleware;
      }
      consumer.apply(Class).forRoutes("{*path}");
    }
  }
  return Applying;
}

const context = new AsyncLocalStorage<string>();

class Notes {
  readonly all: unknown[] = [];

  @OnAhaSendEvent("*")
  take() {
    this.all.push(context.getStore());
  }
}

const ways: [
  string,
  (middleware: Middleware) => { imports: (new () => NestModule)[]; use(app: INestApplication): void },
][] = [
  ["app.use", (middleware) => ({ imports: [], use: (app) => void app.use(middleware) })],
  [
    "consumer.apply",
    (middleware) => ({ imports: [createMiddlewareModule(middleware)], use: () => undefined }),
  ],
];

describe.each(platforms)("middleware on $platform", ({ createAdapter }) => {
  describe.each(ways)("added with %s", (_way, add) => {
    async function start(middleware: Middleware, options = {}, controllers: (new () => object)[] = []) {
      const added = add(middleware);
      const module = AhaSendWebhooksModule.forRoot({ secret });
      const app = await createApp(createAdapter, [module, ...added.imports], [Notes], {
        ...options,
        controllers,
      });
      added.use(app);
      return { app, url: await listen(app) };
    }

    it("can refuse a delivery, so that its handler does not run", async () => {
      const { app, url } = await start((request, response, next) => {
        if (request.headers["x-client"] === "known") return next();
        response.statusCode = 403;
        response.end("unknown client");
      });
      const { headers, body } = signDelivery({ secret, event: bounce });
      const post = (more: object) =>
        fetch(`${url}/webhooks/ahasend`, { method: "POST", headers: { ...headers, ...more }, body });
      const refused = await post({});
      expect([refused.status, await refused.text()]).toEqual([403, "unknown client"]);
      expect(app.get(Notes).all).toEqual([]);
      expect((await post({ "x-client": "known" })).status).toBe(204);
      expect(app.get(Notes).all).toHaveLength(1);
    });

    it("passes its asynchronous context to the handler", async () => {
      const { app, url } = await start((_request, _response, next) => context.run("request", next));
      expect(await deliver(`${url}/webhooks/ahasend`, largeMail)).toBe(204);
      expect(app.get(Notes).all).toEqual(["request"]);
    });

    it("may continue later without losing the body", async () => {
      const { url } = await start((_request, _response, next) => void setImmediate(() => setImmediate(next)));
      expect(await deliver(`${url}/webhooks/ahasend`, largeMail)).toBe(204);
    });

    it.each<[string, Middleware]>([
      ["express.json()", express.json() as never],
      ["express.raw() for all types", express.raw({ type: () => true }) as never],
      [
        "a wrapped parser",
        ((...args: Parameters<ReturnType<typeof express.text>>) =>
          express.text({ type: "*/*" })(...args)) as never,
      ],
    ])("does not read the body when it is %s, but parses those of other routes", async (_parser, parser) => {
      @Controller("webhooks")
      class Other {
        @Post(["other", "ahasend/other"])
        receive(@Body() body: unknown) {
          return {
            body: Buffer.isBuffer(body) || typeof body === "string" ? body.toString() : JSON.stringify(body),
          };
        }
      }
      const { url } = await start(parser, { bodyParser: false }, [Other]);
      expect(await deliver(`${url}/webhooks/ahasend`, largeMail)).toBe(204);
      expect(await deliver(`${url}/webhooks/ahasend?x=/`, largeMail)).toBe(204);
      if (createAdapter().getType() === "fastify") return;
      for (const path of ["webhooks/other", "webhooks/ahasend/other"]) {
        const response = await fetch(`${url}/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"a":1}',
        });
        expect(await response.json()).toEqual({ body: '{"a":1}' });
      }
    });
  });

  it("runs before the endpoint in a testing module", async () => {
    const root = createModule({ imports: [AhaSendWebhooksModule.forRoot({ secret })], providers: [Notes] });
    const testing = await Test.createTestingModule({ imports: [root] }).compile();
    const app = testing.createNestApplication(createAdapter());
    onTestFinished(() => app.close());
    app.use(express.json());
    app.use((_request: unknown, _response: unknown, next: () => void) => context.run("testing", next));
    expect(await deliver(`${await listen(app)}/webhooks/ahasend`, largeMail)).toBe(204);
    expect(app.get(Notes).all).toEqual(["testing"]);
  });

  it("leaves the bodies of a more specific route to Nest's parser", async () => {
    @Controller("webhooks")
    class Special {
      @Post("special/ahasend")
      receive(@Body() body: unknown) {
        return body;
      }
    }
    const app = await createApp(
      createAdapter,
      [AhaSendWebhooksModule.forRoot({ secret, path: "webhooks/:tenant/ahasend" })],
      [Notes],
      { controllers: [Special] },
    );
    const url = await listen(app);
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/webhooks/special/ahasend`, {
      method: "POST",
      headers,
      body: '{"a":1}',
    });
    expect([response.status, await response.json()]).toEqual([201, { a: 1 }]);
    expect(await deliver(`${url}/webhooks/acme/ahasend`, largeMail)).toBe(204);
  });

  it("finds the request's headers unchanged after the reply has been sent", async () => {
    const lengths: unknown[] = [];
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
    app.use((request: { headers: object }, response: { on: Function }, next: () => void) => {
      response.on("finish", () => lengths.push(Reflect.get(request.headers, "content-length")));
      next();
    });
    const { headers, body } = signDelivery({ secret, event: bounce });
    const url = `${await listen(app)}/webhooks/ahasend`;
    await (await fetch(url, { method: "POST", headers, body })).text();
    await vi.waitFor(() => expect(lengths).toEqual([String(Buffer.byteLength(body))]));
  });

  it("may read the body if it keeps the raw bytes", async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
    app.use((request: never, _response: unknown, next: () => void) => {
      void buffer(request).then((rawBody) => {
        Object.assign(request, { rawBody });
        next();
      });
    });
    expect(await deliver(`${await listen(app)}/webhooks/ahasend`, largeMail)).toBe(204);
  });
});

it("runs an onRequest hook of Fastify before the endpoint", async () => {
  const adapter = new FastifyAdapter();
  const app = await createApp(() => adapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
  adapter.getInstance().addHook("onRequest", async (_request, reply) => reply.code(403).send());
  expect(await deliver(`${await listen(app)}/webhooks/ahasend`, bounce)).toBe(403);
  expect(app.get(Notes).all).toEqual([]);
});

it.each(["pushes", "adds"])(
  "runs a hook before the endpoint that a plugin of Fastify %s to its route",
  async (how) => {
    const adapter = new FastifyAdapter();
    const app = await createApp(() => adapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
    const refuse = (_request: unknown, reply: { code(status: number): { send(): unknown } }) =>
      void reply.code(429).send();
    adapter.getInstance().addHook("onRoute", (route) => {
      if (how === "pushes" && Array.isArray(route.onRequest)) route.onRequest.push(refuse);
      else route.onRequest = [route.onRequest ?? [], refuse].flat();
    });
    expect(await deliver(`${await listen(app)}/webhooks/ahasend`, bounce)).toBe(429);
    expect(app.get(Notes).all).toEqual([]);
  },
);

it("receives a delivery on Fastify without middleware support (skipMiddie)", async () => {
  const createAdapter = () => new FastifyAdapter({ skipMiddie: true });
  const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Notes]);
  expect(await deliver(`${await listen(app)}/webhooks/ahasend`, bounce)).toBe(204);
});

const Bounce = new EntitySchema<{ id: number; recipient: string }>({
  name: "Bounce",
  properties: { id: { type: "number", primary: true, autoincrement: true }, recipient: { type: "string" } },
});

describe.skipIf(!required("PostgreSQL", hasPostgres()))("MikroORM", () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const ormModule = async (schema: string, options = {}) =>
    MikroOrmModule.forRoot({
      driver: PostgreSqlDriver,
      clientUrl: server.url,
      schema,
      entities: [Bounce],
      ...options,
    });

  /** Delivers one bounce. Returns the recipients that are then in the database. */
  async function storeBounce(app: INestApplication): Promise<string[]> {
    const orm = app.get(MikroORM);
    await orm.schema.updateSchema();
    expect(await deliver(`${await listen(app)}/webhooks/ahasend`, bounce)).toBe(204);
    return (await orm.em.fork().find(Bounce, {})).map(({ recipient }) => recipient);
  }

  class Bounces {
    constructor(@Inject(EntityManager) private readonly entities: EntityManager) {}

    @OnAhaSendEvent("message.bounced")
    async store({ data }: AhaSendEventOf<"message.bounced">) {
      this.entities.create(Bounce, { recipient: data.recipient });
      await this.entities.flush();
    }
  }

  it.each(platforms)(
    "provides its request context to a handler on $platform",
    async ({ platform, createAdapter }) => {
      const orm = await ormModule(platform.toLowerCase());
      const app = await createApp(createAdapter, [orm, AhaSendWebhooksModule.forRoot({ secret })], [Bounces]);
      expect(await storeBounce(app)).toEqual([bounce.data.recipient]);
    },
  );

  it("provides its request context by its own decorator, without its middleware", async () => {
    class Decorated {
      constructor(@Inject(MikroORM) readonly orm: MikroORM) {}

      @CreateRequestContext()
      @OnAhaSendEvent("message.bounced")
      async store({ data }: AhaSendEventOf<"message.bounced">) {
        this.orm.em.create(Bounce, { recipient: data.recipient });
        await this.orm.em.flush();
      }
    }
    const app = await createApp(
      () => new ExpressAdapter(),
      [
        await ormModule("decorated", { registerRequestContext: false }),
        AhaSendWebhooksModule.forRoot({ secret }),
      ],
      [Decorated],
    );
    expect(await storeBounce(app)).toEqual([bounce.data.recipient]);
  });
});

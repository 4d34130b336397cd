import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import {
  All,
  Controller,
  Get,
  HttpCode,
  type INestApplication,
  Logger,
  Module,
  Post,
  RequestMethod,
  VERSION_NEUTRAL,
  VersioningType,
} from "@nestjs/common";
import { RouterModule } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import express from "express";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { AhaSendWebhooksModule, OnAhaSendEvent } from "../src/index.js";
import { createApp, deliver, listen, platforms, secret } from "./helpers.js";

/** A controller at a path of the same shape: the endpoint must match the same URLs. */
@Controller({ path: "webhooks", version: VERSION_NEUTRAL })
class Probe {
  @Post("prob-e")
  @HttpCode(204)
  receive() {}
}

@Module({ controllers: [Probe] })
class ProbeModule {}

class Handlers {
  @OnAhaSendEvent("*")
  take() {}
}

const createDelivery = () => signDelivery({ secret, event: createEvent("message.bounced") });

/** Sends a delivery to an exact request target, which fetch would normalize. @returns the status, or 0 without a reply */
async function send(
  url: string,
  target: string,
  { method = "POST", host = new URL(url).host, delivery = createDelivery() } = {},
): Promise<number> {
  const { port } = new URL(url);
  const { headers, body } = delivery;
  const lines = { host, connection: "close", ...headers, "content-length": String(Buffer.byteLength(body)) };
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`${method} ${target} HTTP/1.1\r\n${head.join("")}\r\n${body}`);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1] ?? 0);
}

const spellings = [
  "/webhooks/NAME",
  "/webhooks/NAME/",
  "/webhooks/NAME//",
  "//webhooks/NAME",
  "/webhooks//NAME",
  "/webhooks/./NAME",
  "/Webhooks/NAME",
  "/webhooks/NAME?source=x",
  "/webhooks/NAME?",
  "/webhooks/NAME/?a=/b",
  "/webhooks/NAME#part",
  "/webhooks/NAME;v=1",
  "/webhook%73/NAME",
  "/webhooks%2FNAME",
  "/webhooks/NAME%00",
  "/webhooks/NAME%",
  "/webhooks/NAME%20",
  "http://other.example/webhooks/NAME",
  "http://other.example/webhooks/NAME?x",
  "HTTP://other.example/Webhooks/NAME/",
  "*",
  "*webhooks/NAME",
  "webhooks/NAME",
  "other.example:443",
  "/api/webhooks/NAME",
  "/API/webhooks/NAME/",
  "/v1/webhooks/NAME",
  "/hooks/in/webhooks/NAME",
];

const strictExpress = () => {
  const app = express();
  app.enable("case sensitive routing").enable("strict routing");
  return new ExpressAdapter(app);
};

const settings: [string, () => ExpressAdapter | FastifyAdapter][] = [
  ["Express", () => new ExpressAdapter()],
  ["Express, case sensitive and strict", strictExpress],
  ["Fastify", () => new FastifyAdapter()],
  [
    "Fastify with loose routes",
    () =>
      new FastifyAdapter({
        routerOptions: {
          caseSensitive: false,
          ignoreTrailingSlash: true,
          ignoreDuplicateSlashes: true,
        },
      }),
  ],
  [
    "Fastify with loose routes, set by deprecated options",
    () =>
      new FastifyAdapter({ caseSensitive: false, ignoreTrailingSlash: true, useSemicolonDelimiter: true }),
  ],
];

const configurations: [string, (app: INestApplication) => void][] = [
  ["no prefix", () => undefined],
  ["a global prefix", (app) => app.setGlobalPrefix("api")],
  ["a global prefix with a trailing slash", (app) => app.setGlobalPrefix("/api/")],
  ["a prefix that excludes the paths", (app) => app.setGlobalPrefix("api", { exclude: ["webhooks/*path"] })],
  [
    "a prefix that excludes other methods",
    (app) => app.setGlobalPrefix("api", { exclude: [{ path: "webhooks/*path", method: RequestMethod.GET }] }),
  ],
  ["a prefix with a parameter", (app) => app.setGlobalPrefix(":locale")],
  ["versions in the URL", (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: "1" })],
  ["versions in a header", (app) => app.enableVersioning({ type: VersioningType.HEADER, header: "v" })],
  [
    "versions in the media type",
    (app) => app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: "v=" }),
  ],
  ["custom versions", (app) => app.enableVersioning({ type: VersioningType.CUSTOM, extractor: () => "2" })],
];

describe.each(settings)("the endpoint's URLs on %s", (_platform, createAdapter) => {
  it.each(configurations)(
    "are the same as those of a controller's route with %s",
    async (_what, configure) => {
      const modules = [
        ProbeModule,
        AhaSendWebhooksModule.forRoot({ secret, path: "webhooks/hook-s", onOutcome: () => 0 }),
      ];
      const app = await createApp(createAdapter, modules, [Handlers]);
      configure(app);
      const url = await listen(app);
      const outcomes = { probe: {} as Record<string, number>, endpoint: {} as Record<string, number> };
      // The reply to a duplicate is that to the first one: to sign each would take longer than to route it.
      const delivery = createDelivery();
      for (const spelling of spellings) {
        outcomes.probe[spelling] = await send(url, spelling.replace("NAME", "prob-e"), { delivery });
        outcomes.endpoint[spelling] = await send(url, spelling.replace("NAME", "hook-s"), { delivery });
      }
      expect(outcomes.endpoint).toEqual(outcomes.probe);
      expect(Object.values(outcomes.probe)).toContain(204);
      expect(Object.values(outcomes.probe)).toContain(404);
    },
  );
});

describe.each(platforms)("the endpoint's route on $platform", ({ createAdapter }) => {
  it("has the prefixes of RouterModule, including nested ones", async () => {
    const app = await createApp(
      createAdapter,
      [
        AhaSendWebhooksModule.forRoot({ secret }),
        RouterModule.register([{ path: "hooks", children: [{ path: "in", module: AhaSendWebhooksModule }] }]),
      ],
      [Handlers],
    );
    const url = await listen(app);
    expect(await send(url, "/hooks/in/webhooks/ahasend")).toBe(204);
    expect(await send(url, "/webhooks/ahasend")).toBe(404);
  });

  it("passes its parameters to the secret function", async () => {
    const secrets: Record<string, string> = { acme: `${secret}-acme`, übel: `${secret}-uebel` };
    const app = await createApp(
      createAdapter,
      [
        AhaSendWebhooksModule.forRoot({
          path: "/webhooks/:tenant/ahasend",
          secret: ({ native }) => secrets[(native as { params: { tenant: string } }).params.tenant] ?? secret,
        }),
      ],
      [Handlers],
    );
    const url = await listen(app);
    const event = createEvent("message.bounced");
    expect(await deliver(`${url}/webhooks/acme/ahasend`, event, secrets["acme"])).toBe(204);
    expect(await deliver(`${url}/webhooks/%C3%BCbel/ahasend?x=1`, event, secrets["übel"])).toBe(204);
    expect(await deliver(`${url}/webhooks/other/ahasend`, event, secrets["acme"])).toBe(401);
    expect(await deliver(`${url}/webhooks/acme/other`, event, secrets["acme"])).toBe(404);
    expect(await send(url, "/webhooks/acme/ahasend", { method: "PUT" })).toBe(405);
  });

  it("leaves other methods to the app's routes, on the same path and on patterns", async () => {
    @Controller()
    class Own {
      @Get("webhooks/ahasend")
      page() {
        return "page";
      }
      @All("webhooks/:any/options")
      options() {
        return "options";
      }
    }
    const app = await createApp(
      createAdapter,
      [
        AhaSendWebhooksModule.forRoot({ secret }),
        AhaSendWebhooksModule.forRoot({ secret, path: "webhooks/inbound/options-2", name: "inbound" }),
      ],
      [Handlers],
      { controllers: [Own] },
    );
    const url = await listen(app);
    expect(await (await fetch(`${url}/webhooks/ahasend`)).text()).toBe("page");
    expect(await (await fetch(`${url}/webhooks/inbound/options`, { method: "PUT" })).text()).toBe("options");
    expect(await send(url, "/webhooks/ahasend")).toBe(204);
    const put = await fetch(`${url}/webhooks/ahasend`, { method: "PUT", body: "{" });
    expect([put.status, put.headers.get("allow"), await put.text()]).toEqual([
      405,
      "POST",
      '{"code":"method_not_allowed"}',
    ]);
  });
  it("takes precedence over the app's catch-all and pattern routes, which keep all other requests", async () => {
    @Controller()
    class CatchAll {
      @Post("webhooks/:any")
      any() {
        return "any";
      }
      @All("*")
      rest() {
        return "rest";
      }
    }
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers], {
      controllers: [CatchAll],
    });
    const url = await listen(app);
    const post = async (path: string, method = "POST") => (await fetch(url + path, { method })).text();
    expect(await send(url, "/webhooks/ahasend")).toBe(204);
    expect(await post("/webhooks/other")).toBe("any");
    expect(await post("/webhooks/ahasend/other")).toBe("rest");
    expect(await post("/webhooks/ahasend", "PUT")).toBe("rest");
  });
});

it("leaves requests to a controller that is bound to their host", async () => {
  @Controller({ path: "webhooks", host: "intern.example" })
  class Intern {
    @Post("ahasend")
    @HttpCode(202)
    receive() {}
  }
  const app = await createApp(
    () => new ExpressAdapter(),
    [AhaSendWebhooksModule.forRoot({ secret })],
    [Handlers],
    {
      controllers: [Intern],
      rawBody: true,
    },
  );
  const url = await listen(app);
  expect(await send(url, "/webhooks/ahasend")).toBe(204);
  expect(await send(url, "/webhooks/ahasend", { host: "intern.example" })).toBe(202);
});

it("logs a warning on Express if a controller handles POST on the same path", async () => {
  @Controller("webhooks")
  class Own {
    @Post("ahasend")
    receive() {}
  }
  const warnings = vi.spyOn(Logger.prototype, "warn").mockReturnValue();
  onTestFinished(() => warnings.mockRestore());
  const module = AhaSendWebhooksModule.forRoot({ secret });
  await (await createApp(() => new ExpressAdapter(), [module], [Handlers], { controllers: [Own] })).init();
  expect(warnings.mock.calls.flat()).toEqual([
    "POST /webhooks/ahasend has another handler, which runs first: give the endpoint a path of its own.",
  ]);
});

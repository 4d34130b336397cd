import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { Catch, Logger } from "@nestjs/common";
import { APP_FILTER, APP_INTERCEPTOR } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { afterEach, describe, expect, it, vi } from "vitest";

import { AhaSendWebhooksModule, OnAhaSendEvent } from "../src/index.js";
import { createApp, deliver, listen, platforms, secret } from "./helpers.js";

afterEach(() => vi.restoreAllMocks());

const bounce = createEvent("message.bounced");

/** Creates a provider whose handler throws a value. */
function createThrowingProvider(cause: unknown) {
  class Throwing {
    @OnAhaSendEvent("message.bounced")
    take() {
      throw cause;
    }
  }
  return Throwing;
}

class Handlers {
  @OnAhaSendEvent("*")
  take() {}
}

function spyOnLogger() {
  return {
    warn: vi.spyOn(Logger.prototype, "warn").mockReturnValue(),
    error: vi.spyOn(Logger.prototype, "error").mockReturnValue(),
  };
}

describe.each(platforms)("a reply on $platform", ({ createAdapter }) => {
  it("is final: no filter or interceptor runs when a handler fails", async () => {
    spyOnLogger();
    const seen = vi.fn();
    @Catch()
    class Filter {
      catch = seen;
    }
    const app = await createApp(
      createAdapter,
      [AhaSendWebhooksModule.forRoot({ secret })],
      [
        createThrowingProvider(new Error("boom")),
        { provide: APP_FILTER, useClass: Filter },
        { provide: APP_INTERCEPTOR, useValue: { intercept: seen } },
      ],
    );
    expect(await deliver(`${await listen(app)}/webhooks/ahasend`, bounce)).toBe(500);
    expect(seen).not.toHaveBeenCalled();
  });

  it("closes only the connection when it cannot be written", async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers]);
    let broken = true;
    app.use((_request: unknown, response: object, next: () => void) => {
      const writeHead = () => {
        throw new Error("patched");
      };
      if (broken) Object.assign(response, { writeHead });
      next();
    });
    const url = `${await listen(app)}/webhooks/ahasend`;
    await expect(deliver(url, bounce)).rejects.toThrow("fetch failed");
    broken = false;
    expect(await deliver(url, bounce)).toBe(204);
  });

  it.each<[string, unknown]>([
    ["an object without a prototype", Object.create(null)],
    ["undefined", undefined],
    [
      "an error whose stack throws",
      Object.defineProperty(new Error("boom"), "stack", {
        get() {
          throw new Error("from the getter");
        },
      }),
    ],
    [
      "a proxy whose trap throws",
      new Proxy(new Error("boom"), {
        getPrototypeOf() {
          throw new Error("from the trap");
        },
      }),
    ],
  ])(
    "is logged by Nest's logger, also with onOutcome: undefined, when a handler throws %s",
    async (_what, cause) => {
      const { error } = spyOnLogger();
      const console = vi.spyOn(globalThis.console, "error").mockReturnValue();
      const module = AhaSendWebhooksModule.forRoot({ secret, onOutcome: undefined } as never);
      const app = await createApp(createAdapter, [module], [createThrowingProvider(cause)]);
      expect(await deliver(`${await listen(app)}/webhooks/ahasend`, bounce)).toBe(500);
      expect(error.mock.calls.map(([line]) => String(line))).toEqual([
        expect.stringContaining("500 handler_failed"),
      ]);
      expect(console).not.toHaveBeenCalled();
    },
  );
});

it("keeps a Fastify server running that rejects bodies in replies to HEAD", async () => {
  const createAdapter = () => new FastifyAdapter({ http: { rejectNonStandardBodyWrites: true } });
  const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers]);
  const url = `${await listen(app)}/webhooks/ahasend`;
  await Promise.allSettled([fetch(url, { method: "HEAD" })]);
  expect(await deliver(url, bounce)).toBe(204);
});

/** Platforms that the module does not know: the controller receives their requests. */
const unknown: [string, () => ExpressAdapter | FastifyAdapter][] = [
  ["Express", () => Object.assign(new ExpressAdapter(), { getType: () => "other" })],
  ["Fastify", () => Object.assign(new FastifyAdapter(), { getType: () => "other" })],
];

describe.each(unknown)("on an unknown platform that resembles %s", (_name, createAdapter) => {
  it("the endpoint verifies the raw body that Nest has kept", async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers], {
      rawBody: true,
    });
    const { headers, body } = signDelivery({ secret, event: bounce });
    const url = `${await listen(app)}/webhooks/ahasend`;
    const post = (text: string) =>
      fetch(url, {
        method: "POST",
        headers,
        body: text,
      });
    expect((await post(body)).status).toBe(204);
    expect((await post(`${body} `)).status).toBe(401);
  });

  it("the endpoint replies 500 to a body that was already parsed, and logs it only once", async () => {
    const { warn, error } = spyOnLogger();
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })], [Handlers]);
    const url = `${await listen(app)}/webhooks/ahasend`;
    const { headers, body } = signDelivery({ secret, event: bounce });
    for (let count = 0; count < 20; count += 1) {
      const response = await fetch(url, {
        method: "POST",
        headers,
        body,
      });
      expect([response.status, await response.json()]).toEqual([500, { code: "body_already_parsed" }]);
    }
    expect([...warn.mock.calls, ...error.mock.calls]).toHaveLength(1);
  });
});

import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";
import { networkInterfaces } from "node:os";

import { type Handlers, type Outcome, createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { NestFactory } from "@nestjs/core";
import express from "express";
import Koa from "koa";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";

import { type ConnectableApp, createEmulator, steppedClock } from "../src/index.js";
import { noting } from "./helpers.js";

/** Types of the events that the apps under test have handled. */
const handled: string[] = [];
const outcomes: string[] = [];

afterEach(() => {
  handled.length = 0;
  outcomes.length = 0;
});

/** The webhook receiver of every app. */
function receiver(secret: string, on?: Handlers): RequestListener {
  return nodeHandler(
    createReceiver({
      secret,
      on: on ?? { "*": (event) => void handled.push(event.type) },
      onOutcome: ({ code }: Outcome) => outcomes.push(code),
    }),
  );
}

const path = "/webhooks/ahasend";

const apps: Record<string, (secret: string) => ConnectableApp | Promise<ConnectableApp>> = {
  "an Express app": (secret) => {
    const app = express();
    app.post(path, receiver(secret));
    return app;
  },
  "a Koa app": (secret) => {
    const app = new Koa();
    app.use((context) => {
      context.respond = false;
      receiver(secret)(context.req, context.res);
    });
    return app;
  },
  "a Nest app": (secret) => nestApp(secret),
  "a Nest app's server": async (secret) => {
    const app = await nestApp(secret);
    await app.init();
    return app.getHttpServer();
  },
  "a listener": (secret) => receiver(secret),
  "a server that does not listen": (secret) => createServer(receiver(secret)),
};

async function nestApp(secret: string) {
  const AppModule = class {
    readonly name = "app";
  };
  const app = await NestFactory.create({ module: AppModule }, { logger: false });
  app.use(path, receiver(secret));
  return app;
}

describe("connect", () => {
  it.each(Object.keys(apps))("delivers to %s on a free port", async (name) => {
    const emulator = createEmulator();
    const sender = await emulator.connect(await apps[name]!(emulator.secret));
    expect(sender.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/webhooks\/ahasend$/);
    const { state, attempts } = await sender.deliver("message.bounced");
    expect({ state, status: attempts.at(-1)?.response?.status }).toEqual({ state: "delivered", status: 204 });
    expect(await sender.deliver("message.routing")).toMatchObject({ state: "delivered" });
    expect(handled).toEqual(["message.bounced", "message.routing"]);
    await sender.close();
    await expect(fetch(sender.url)).rejects.toThrow("fetch failed");
  });

  const hasIPv6 = Object.values(networkInterfaces())
    .flat()
    .some((network) => network?.address === "::1");

  it.each(["127.0.0.1", ...(hasIPv6 ? ["::1", "::"] : []), undefined])(
    "delivers to a server that listens already on %s, and leaves it open",
    async (host) => {
      const emulator = createEmulator();
      const server = createServer(receiver(emulator.secret)).listen(0, host);
      onTestFinished(() => void server.close());
      await once(server, "listening");
      const sender = await emulator.connect(server, { path: "/elsewhere" });
      expect(sender.url).toMatch(/\/elsewhere$/);
      expect(await sender.deliver("message.opened")).toMatchObject({ state: "delivered" });
      await sender.close();
      expect(server.listening).toBe(true);
    },
  );

  it.each([(url: string) => url, (url: string) => new URL(url)])(
    "delivers to a URL as it stands",
    async (as) => {
      const { url, arrived } = await noting();
      const target = `${url}/tenant?key=1`;
      const sender = await createEmulator().connect(as(target), { path: "/other" });
      await sender.deliver("message.opened");
      expect([sender.url, arrived[0]!.url]).toEqual([target, "/webhooks/ahasend/tenant?key=1"]);
      await sender.close();
    },
  );

  it("signs with the secret that the app already has", async () => {
    const secret = "aha-whsec-only-for-this-test-0123456789";
    const sender = await createEmulator({ secret }).connect(receiver(secret));
    expect(sender.secret).toBe(secret);
    expect(await sender.deliver("message.opened")).toMatchObject({ state: "delivered" });
    await sender.close();
  });

  it("refuses a value that is not an app or a URL of another machine", async () => {
    const emulator = createEmulator();
    for (const value of [{}, null, undefined, 3000, { callback: 1 }]) {
      await expect(emulator.connect(value as ConnectableApp)).rejects.toThrow(
        /cannot be connected: pass an Express, Koa or Nest/,
      );
    }
    await expect(emulator.connect(Promise.resolve() as never)).rejects.toThrow(
      /cannot be connected: await the promise, and pass an Express/,
    );
    await expect(emulator.connect("localhost:3000")).rejects.toThrow(/url must be an http or https URL/);
    await expect(emulator.connect("http://192.0.2.1/")).rejects.toThrow(/not this machine/);
    await emulator.close();
  });

  it("is closed at the end of `await using`", async () => {
    const sender = await createEmulator().connect(receiver("aha-whsec-0123456789"));
    await sender[Symbol.asyncDispose]();
    await expect(fetch(sender.url)).rejects.toThrow("fetch failed");
  });
});

describe("deliver", () => {
  async function connected(on: Handlers, options: Parameters<typeof createEmulator>[0] = {}) {
    const emulator = createEmulator(options);
    const sender = await emulator.connect(receiver(emulator.secret, on));
    onTestFinished(() => sender.close());
    return sender;
  }

  it("retries without pauses until the app accepts the event", async () => {
    let failures = 3;
    const sender = await connected({
      "message.bounced": () => {
        if (failures-- > 0) throw new Error("database is down");
      },
    });
    const { state, attempts } = await sender.deliver("message.bounced");
    expect(state).toBe("delivered");
    expect(attempts.map(({ response }) => response?.status)).toEqual([500, 500, 500, 204]);
  });

  it("keeps the pauses if the option speed is set", async () => {
    const clock = steppedClock();
    const emulator = createEmulator({ speed: 1, clock });
    const sender = await emulator.connect((_request, response) => response.writeHead(500).end());
    const delivered = sender.deliver("message.bounced");
    await emulator.quiet();
    expect(emulator.deliveries.list()).toMatchObject([{ state: "pending", attempts: [{ number: 1 }] }]);
    await sender.close();
    expect(await delivered).toMatchObject({ state: "pending" });
  });

  it("applies overrides to the event, and faults to its delivery", async () => {
    const recipients: string[] = [];
    const sender = await connected({
      "message.bounced": ({ data }) => void recipients.push(data.recipient),
    });
    const overrides = { data: { recipient: "gone@example.com" } };
    const faults = [{ kind: "copies", count: 3, timing: "together" }] as const;
    expect(await sender.deliver("message.bounced", overrides, { faults, id: "msg_mine" })).toMatchObject({
      id: "msg_mine",
      state: "delivered",
    });
    expect(sender.emulator.deliveries.list().map(({ state }) => state)).toEqual(Array(3).fill("delivered"));
    expect(recipients).toEqual(["gone@example.com"]);
    const forged = await sender.deliver("message.bounced", {}, { faults: [{ kind: "wrong_secret" }] });
    expect(forged).toMatchObject({ state: "failed", attempts: { length: 6 } });
    expect(recipients).toHaveLength(1);
  });

  it("throws if the endpoint is disabled", async () => {
    const sender = await connected({});
    const faults = [{ kind: "copies", count: 17, timing: "together" }, { kind: "unsigned" }] as const;
    await sender.deliver("message.opened", {}, { faults });
    await expect(sender.deliver("message.opened")).rejects.toThrow(
      /connect again, or call emulator\.endpoints\.enable/,
    );
    for (const { id } of sender.emulator.endpoints.list()) sender.emulator.endpoints.enable(id);
    expect(await sender.deliver("message.opened")).toMatchObject({ state: "delivered" });
  });
});

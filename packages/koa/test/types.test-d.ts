import { Router } from "@koa/router";
import Koa, { type Middleware } from "koa";
import { expectTypeOf, it } from "vitest";

import {
  type TransactionalStore,
  type VerifiedDelivery,
  ahaSendWebhooks,
  createReceiver,
  verifyAhaSendWebhook,
} from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

it("accepts options or a receiver", () => {
  expectTypeOf(ahaSendWebhooks({ secret, on: {} })).toEqualTypeOf<Middleware>();
  ahaSendWebhooks(createReceiver({ secret, on: {} }), { path: "/webhooks/ahasend" });
  ahaSendWebhooks({ on: {} });
  // @ts-expect-error an environment variable may be missing
  ahaSendWebhooks({ secret: undefined as string | undefined, on: {} });
  // @ts-expect-error misspelt
  ahaSendWebhooks({ secret, on: { "message.bouncd": () => undefined } });
});

it("fits apps and routers, and types the verified delivery", () => {
  new Koa().use(ahaSendWebhooks({ secret, on: {} }));
  new Router().post("/webhooks/ahasend", ahaSendWebhooks({ secret, on: {} }));
  new Koa().use(verifyAhaSendWebhook({ secret })).use((ctx) => {
    expectTypeOf(ctx.state.ahaSend).toEqualTypeOf<VerifiedDelivery>();
  });
  new Router().post("/webhooks/ahasend", verifyAhaSendWebhook({ secret }), (ctx) => {
    expectTypeOf(ctx.state.ahaSend).toEqualTypeOf<VerifiedDelivery>();
  });
});

it("adds a store's fields to the handlers' context, but only with that store", () => {
  const store = {} as TransactionalStore<{ client: { query: (text: string) => void } }>;
  ahaSendWebhooks({ secret, store, on: { "*": (_event, { client }) => client.query("SELECT 1") } });
  // @ts-expect-error there is no transaction
  ahaSendWebhooks({ secret, on: { "*": (_event, { client }) => client } });
});

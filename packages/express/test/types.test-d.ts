import type { Request, RequestHandler } from "express";
import { expectTypeOf, it } from "vitest";

import {
  type Handlers,
  type TransactionalStore,
  type VerifiedDelivery,
  ahaSendWebhooks,
  createReceiver,
  verifyAhaSendWebhook,
} from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

it("accepts options or a receiver", () => {
  expectTypeOf(ahaSendWebhooks({ secret, on: {} })).toEqualTypeOf<RequestHandler>();
  expectTypeOf(ahaSendWebhooks(createReceiver({ secret, on: {} }))).toEqualTypeOf<RequestHandler>();
  ahaSendWebhooks({ on: {} });
  // @ts-expect-error an environment variable may be missing
  ahaSendWebhooks({ secret: undefined as string | undefined, on: {} });
  // @ts-expect-error misspelt
  ahaSendWebhooks({ secret, on: { "message.bouncd": () => undefined } });
});

it("types handlers that are defined in their own file", () => {
  const handlers: Handlers = {
    "message.clicked": (event) => expectTypeOf(event.data.url).toEqualTypeOf<string>(),
  };
  ahaSendWebhooks({ secret, on: handlers });
});

it("adds the verified delivery to the request", () => {
  verifyAhaSendWebhook({ secret });
  expectTypeOf<Request["ahaSend"]>().toEqualTypeOf<VerifiedDelivery | undefined>();
});

it("adds a store's fields to the handlers' context, but only with that store", () => {
  const store = {} as TransactionalStore<{ client: { query: (text: string) => void } }>;
  ahaSendWebhooks({ secret, store, on: { "*": (_event, { client }) => client.query("SELECT 1") } });
  // @ts-expect-error there is no transaction
  ahaSendWebhooks({ secret, on: { "*": (_event, { client }) => client } });
});

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

it("takes options or a receiver", () => {
  expectTypeOf(ahaSendWebhooks({ secret, on: {} })).toEqualTypeOf<RequestHandler>();
  expectTypeOf(ahaSendWebhooks(createReceiver({ secret, on: {} }))).toEqualTypeOf<RequestHandler>();
  // @ts-expect-error the secret is missing
  ahaSendWebhooks({ on: {} });
  // @ts-expect-error misspelt
  ahaSendWebhooks({ secret, on: { "message.bouncd": () => undefined } });
});

it("types handlers kept in a file of their own", () => {
  const handlers: Handlers = {
    "message.clicked": (event) => expectTypeOf(event.data.url).toEqualTypeOf<string>(),
  };
  ahaSendWebhooks({ secret, on: handlers });
});

it("adds the verified delivery to the request", () => {
  verifyAhaSendWebhook({ secret });
  expectTypeOf<Request["ahaSend"]>().toEqualTypeOf<VerifiedDelivery | undefined>();
});

it("gives handlers what a store adds to the context, and only then", () => {
  const store = {} as TransactionalStore<{ client: { query: (text: string) => void } }>;
  ahaSendWebhooks({ secret, store, on: { "*": (_event, { client }) => client.query("SELECT 1") } });
  // @ts-expect-error there is no transaction
  ahaSendWebhooks({ secret, on: { "*": (_event, { client }) => client } });
});

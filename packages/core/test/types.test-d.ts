import { describe, expectTypeOf, it } from "vitest";

import {
  type AhaSendEvent,
  type AhaSendEventOf,
  type AhaSendEventType,
  type Handlers,
  type Inbox,
  type InboxOptions,
  MemoryStore,
  type MessageBouncedEvent,
  type AhaSendMessageEvent,
  type MessageRoutingEvent,
  type TransactionalStore,
  type UnknownEvent,
  type WebhookContext,
  createReceiver,
  createVerifier,
  createWorker,
  isKnownEvent,
  isMessageEvent,
  verify,
} from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe("handlers", () => {
  it("types the event and context of each handler", () => {
    createReceiver({
      secret,
      on: {
        "message.bounced": (event, context) => {
          expectTypeOf(event).toEqualTypeOf<MessageBouncedEvent>();
          expectTypeOf(context).toExtend<WebhookContext>();
        },
        "message.routing": async (event) => {
          expectTypeOf(event).toEqualTypeOf<MessageRoutingEvent>();
        },
        "*": (event) => {
          expectTypeOf(event).toEqualTypeOf<AhaSendEvent | UnknownEvent>();
        },
      },
    });
  });

  it("rejects a handler of the wrong event", () => {
    const onRouting = (_event: MessageRoutingEvent) => undefined;
    // @ts-expect-error a bounce is not an inbound e-mail
    createReceiver({ secret, on: { "message.bounced": onRouting } });
  });

  it("rejects a misspelt or deprecated event type", () => {
    // @ts-expect-error the type is message.bounced
    createReceiver({ secret, on: { "message.bouncd": () => undefined } });
    // @ts-expect-error it arrives as message.routing
    createReceiver({ secret, on: { "route.message": () => undefined } });
  });

  it("rejects a handler that reads a field the event does not have", () => {
    createReceiver({
      secret,
      on: {
        // @ts-expect-error only a click has a url
        "message.opened": (event) => event.data.url,
        "message.clicked": (event) => expectTypeOf(event.data.url).toEqualTypeOf<string>(),
      },
    });
  });
});

describe("what a store adds to the context", () => {
  const store = {} as TransactionalStore<{ client: { query: (text: string) => void } }>;

  it("adds the extras of a store to the context of its handlers only", () => {
    createReceiver({
      secret,
      store,
      on: {
        "message.bounced": (_event, context) => {
          expectTypeOf(context.client.query).parameters.toEqualTypeOf<[string]>();
          expectTypeOf(context.attempt).toBeNumber();
        },
      },
    });
    createReceiver({
      secret,
      store: new MemoryStore(),
      // @ts-expect-error a store in memory has no client
      on: { "message.bounced": (_event, context) => context.client },
    });
  });

  it("rejects handlers that need extras the store does not add", () => {
    const on: Handlers<{ client: { query: (text: string) => void } }> = {};
    createReceiver({ secret, store, on });
    // @ts-expect-error a store in memory has no client
    createReceiver({ secret, on });
    // @ts-expect-error without a store there is no client
    createReceiver({ secret, on, store: false });
    const plain: Handlers = {};
    createReceiver({ secret, store, on: plain });
  });

  it("makes extras optional if the store is chosen at run time", () => {
    const chosen = Math.random() < 0.5 ? store : new MemoryStore();
    const needs: Handlers<{ client: { query: (text: string) => void } }> = {};
    const copes: Handlers<{ client?: { query: (text: string) => void } }> = {};
    createReceiver({ secret, store: chosen, on: copes });
    // @ts-expect-error there may be no client
    createReceiver({ secret, store: chosen, on: needs });
    // @ts-expect-error there may be no client
    createReceiver({ secret, store: chosen, on: { "*": (_event, context) => context.client } });
  });
});

describe("what an inbox adds to the context", () => {
  const inbox = {} as Inbox<{ client: { query: (text: string) => void } }>;

  it("is there for the handlers of receivers and workers", () => {
    createReceiver({ secret, store: inbox, on: { "*": (_event, { client }) => client.query("") } });
    createReceiver({ secret, store: inbox, work: false, on: {} });
    createWorker({
      store: inbox,
      on: { "message.bounced": (event, { client }) => client.query(event.data.recipient) },
    });
  });

  it("is nothing if the inbox has no transaction", () => {
    const plain = {} as Inbox;
    createWorker({ store: plain, on: { "*": (_event, { attempt }) => expectTypeOf(attempt).toBeNumber() } });
    // @ts-expect-error this inbox has no client
    createWorker({ store: plain, on: { "*": (_event, context) => context.client } });
  });

  it("requires an inbox: nothing can be taken from another store", () => {
    // @ts-expect-error nothing could be taken from a store in memory
    expectTypeOf(createWorker).toBeCallableWith({ store: new MemoryStore(), on: {} });
  });

  it("has options that are typed by event", () => {
    const options: InboxOptions = {
      concurrency: { "message.routing": 2, "*": 8 },
      orderingKey: (event) => (isMessageEvent(event) ? event.data.recipient : undefined),
    };
    // @ts-expect-error a misspelt type
    options.concurrency = { "message.route": 2 };
  });
});

describe("keys", () => {
  it("takes the secret of the environment, but not one that may be missing", () => {
    createReceiver({ on: {} });
    createVerifier({});
    verify({ headers: {}, body: "" });
    // @ts-expect-error an environment variable may be missing
    createReceiver({ secret: undefined as string | undefined, on: {} });
    // @ts-expect-error handlers are missing
    createReceiver({ secret });
  });

  it("says which secret has signed a delivery, unless a public key did", () => {
    expectTypeOf<WebhookContext["keyIndex"]>().toEqualTypeOf<number | undefined>();
  });

  it("accepts several secrets, a look-up, and public keys", () => {
    createReceiver({ secret: [secret, secret], on: {} });
    createReceiver({ secret: async (request) => (request.native ? secret : undefined), on: {} });
    createReceiver({ secret, secretFormat: "base64", publicKey: "whpk_", on: {} });
    createReceiver({ publicKey: ["whpk_"], on: {} });
  });

  it("rejects a look-up in verify, which is synchronous", () => {
    // @ts-expect-error a function may be asynchronous
    verify({ headers: {}, body: "" }, { secret: () => secret });
  });
});

describe("events", () => {
  it("discriminates events by type", () => {
    const event = {} as AhaSendEvent;
    if (event.type === "message.clicked") expectTypeOf(event.data.url).toEqualTypeOf<string>();
    if (event.type === "suppression.created") expectTypeOf(event.data.expires_at).toEqualTypeOf<string>();
    if (event.type === "domain.dns_error") expectTypeOf(event.data.spf_valid).toEqualTypeOf<boolean>();
    expectTypeOf<AhaSendEventType>().extract<"message.reception" | "suppression.created">().not.toBeNever();
    expectTypeOf<AhaSendEventOf<"message.bounced">>().toEqualTypeOf<MessageBouncedEvent>();
  });

  it("narrows events with the guards", () => {
    const event = {} as AhaSendEvent | UnknownEvent;
    expectTypeOf(event.data).toBeUnknown();
    if (isKnownEvent(event)) expectTypeOf(event).toEqualTypeOf<AhaSendEvent>();
    if (isMessageEvent(event)) expectTypeOf(event).toEqualTypeOf<AhaSendMessageEvent>();
    if (isMessageEvent(event)) expectTypeOf(event.data.recipient).toEqualTypeOf<string>();
  });

  it("marks the fields that may be absent", () => {
    const { data } = {} as MessageBouncedEvent;
    expectTypeOf(data.is_bot).toEqualTypeOf<boolean | undefined>();
    expectTypeOf(data.delivery_attempt?.smtp_code).toEqualTypeOf<number | undefined>();
  });
});

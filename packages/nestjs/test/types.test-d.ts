import type { MessageBouncedEvent, MessageOpenedEvent, MessageRoutingEvent } from "@ahasend-webhooks/core";
import { describe, it } from "vitest";

import {
  type AhaSendEvent,
  AhaSendWebhooksModule,
  OnAhaSendEvent,
  type UnknownEvent,
  type WebhookContext,
} from "../src/index.js";

describe("@OnAhaSendEvent", () => {
  it("accepts methods that take the event", () => {
    class Handlers {
      @OnAhaSendEvent("message.bounced")
      async one(_event: MessageBouncedEvent, _context: WebhookContext) {}

      @OnAhaSendEvent("message.bounced", "message.opened")
      two(_event: MessageBouncedEvent | MessageOpenedEvent) {}

      @OnAhaSendEvent("message.routing", { name: "inbound" })
      named(_event: MessageRoutingEvent) {}

      @OnAhaSendEvent("*")
      all(_event: AhaSendEvent | UnknownEvent) {}

      @OnAhaSendEvent("message.opened")
      nothing() {}
    }
    void Handlers;
  });

  it("accepts methods that take the transaction of a store", () => {
    class Handlers {
      @OnAhaSendEvent("message.bounced")
      client(_event: MessageBouncedEvent, { client }: WebhookContext & { client: { query(): void } }) {
        client.query();
      }

      @OnAhaSendEvent("message.bounced")
      tx(_event: MessageBouncedEvent, { tx }: WebhookContext & { tx: { save(): void } }) {
        tx.save();
      }
    }
    void Handlers;
  });

  it("rejects methods that take another event", () => {
    class Wrong {
      // @ts-expect-error a bounce is not an inbound email
      @OnAhaSendEvent("message.bounced")
      other(_event: MessageRoutingEvent) {}

      // @ts-expect-error an opened event is possible, too
      @OnAhaSendEvent("message.bounced", "message.opened")
      half(_event: MessageBouncedEvent) {}

      // @ts-expect-error unknown events are possible, too
      @OnAhaSendEvent("*")
      all(_event: AhaSendEvent) {}

      // @ts-expect-error misspelt
      @OnAhaSendEvent("message.bouncd")
      misspelt() {}

      // @ts-expect-error the type is missing
      @OnAhaSendEvent()
      none() {}
    }
    void Wrong;
  });
});

it("takes the secret of the environment, but not one that may be missing", () => {
  AhaSendWebhooksModule.forRoot({ path: "/hooks" });
  AhaSendWebhooksModule.forRootAsync({ useFactory: () => ({ secret: "x" }), path: "/hooks" });
  AhaSendWebhooksModule.forRootAsync({ useFactory: () => ({}), path: "/hooks" });
  // @ts-expect-error an environment variable may be missing
  AhaSendWebhooksModule.forRoot({ secret: undefined as string | undefined });
});

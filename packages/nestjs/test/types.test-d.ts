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
  it("decorates methods that take the event", () => {
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

  it("does not decorate others", () => {
    class Wrong {
      // @ts-expect-error a bounce is no inbound e-mail
      @OnAhaSendEvent("message.bounced")
      other(_event: MessageRoutingEvent) {}

      // @ts-expect-error an opened one can come too
      @OnAhaSendEvent("message.bounced", "message.opened")
      half(_event: MessageBouncedEvent) {}

      // @ts-expect-error unknown types can come too
      @OnAhaSendEvent("*")
      all(_event: AhaSendEvent) {}

      // @ts-expect-error misspelt
      @OnAhaSendEvent("message.bouncd")
      misspelt() {}

      // @ts-expect-error no type
      @OnAhaSendEvent()
      none() {}
    }
    void Wrong;
  });
});

it("needs a secret", () => {
  // @ts-expect-error the secret is missing
  AhaSendWebhooksModule.forRoot({ path: "/hooks" });
  AhaSendWebhooksModule.forRootAsync({ useFactory: () => ({ secret: "x" }), path: "/hooks" });
  // @ts-expect-error the secret is missing
  AhaSendWebhooksModule.forRootAsync({ useFactory: () => ({}), path: "/hooks" });
});

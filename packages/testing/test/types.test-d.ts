import type { MessageBouncedEvent } from "@ahasend-webhooks/core";
import { expectTypeOf, it } from "vitest";

import { createEvent } from "../src/index.js";

it("returns the event type that belongs to the type name", () => {
  expectTypeOf(createEvent("message.bounced")).toEqualTypeOf<MessageBouncedEvent>();
  // @ts-expect-error a misspelled type
  createEvent("message.bouncd");
  // @ts-expect-error a bounce does not have a url
  createEvent("message.bounced", { data: { url: "https://example.com" } });
});

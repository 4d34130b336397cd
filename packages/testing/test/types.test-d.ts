import type { MessageBouncedEvent } from "@ahasend-webhooks/core";
import { expectTypeOf, it } from "vitest";

import { createEvent } from "../src/index.js";

it("types events by their type", () => {
  expectTypeOf(createEvent("message.bounced")).toEqualTypeOf<MessageBouncedEvent>();
  // @ts-expect-error misspelt
  createEvent("message.bouncd");
  // @ts-expect-error a bounce has no url
  createEvent("message.bounced", { data: { url: "https://example.com" } });
});

import { expect, it } from "vitest";

import * as adapter from "../src/index.js";

it("exports exactly the documented names", () => {
  expect(Object.keys(adapter).toSorted()).toEqual([
    "MemoryStore",
    "ahaSendWebhooks",
    "createReceiver",
    "isKnownEvent",
    "isMessageEvent",
    "isWebhookError",
    "logOutcomes",
    "verifyAhaSendWebhook",
  ]);
});

import { expect, it } from "vitest";

import * as adapter from "../src/index.js";

it("has these public names and no others", () => {
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

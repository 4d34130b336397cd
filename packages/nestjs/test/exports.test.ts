import { expect, it } from "vitest";

import * as nestjs from "../src/index.js";

it("exports exactly the documented names", () => {
  expect(Object.keys(nestjs).toSorted()).toEqual([
    "AhaSendWebhookGuard",
    "AhaSendWebhooksModule",
    "AhaSendWebhooksService",
    "AhaSendWebhooksWorker",
    "AhaSendWebhooksWorkerModule",
    "MemoryStore",
    "OnAhaSendEvent",
    "PermanentError",
    "VerifiedContext",
    "VerifiedEvent",
    "getAhaSendWebhooksToken",
    "isKnownEvent",
    "isMessageEvent",
    "isWebhookError",
  ]);
});

import { eventTypes } from "@ahasend-webhooks/core";

import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { signRequest } from "../probe/check-request.js";
import { createPlainEvent } from "../probe/sample-events.js";
import { expectAcknowledged } from "./request-check.js";

const ANY_TYPE =
  "Reply with 2xx to every signed event, including those you have no use for: AhaSend retries a refused one, and failures switch the endpoint off. If a handler failed, the receiver's log says why.";

/** Event types that must be acknowledged. */
export const typeChecks: readonly Check[] = [
  ...eventTypes.map((type) =>
    expectAcknowledged({
      name: `types/${type}`,
      sent: `a genuine ${type}`,
      source: contractSource("The eleven event types"),
      fix: ANY_TYPE,
      requests: (secret) => [signRequest(secret, createPlainEvent(type))],
    }),
  ),
  expectAcknowledged({
    name: "types/route.message",
    sent: "route.message, the deprecated name of message.routing",
    source: contractSource("The eleven event types"),
    fix: "Treat route.message as message.routing: its data is the same.",
    requests: (secret) => [
      signRequest(secret, { ...createPlainEvent("message.routing"), type: "route.message" }),
    ],
  }),
  expectAcknowledged({
    name: "types/unknown",
    sent: "event types that do not exist yet",
    source: contractSource("How it is delivered", "new types appear without notice"),
    fix: "Reply with 2xx by default, and switch on the type only after verifying the signature: AhaSend retries after a 404 or 400, and failures switch the endpoint off.",
    requests: (secret) => [
      signRequest(secret, { ...createPlainEvent(), type: "message.teleported" }),
      signRequest(secret, { type: "invoice.paid", timestamp: "2026-07-14T15:03:21Z", data: {} }),
    ],
  }),
];

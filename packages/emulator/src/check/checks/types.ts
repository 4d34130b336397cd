import { eventTypes } from "@ahasend-webhooks/core";

import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { createPlainEvent, signRequest } from "../probe/check-request.js";
import { expectAcknowledged } from "./request-check.js";

const ANY_TYPE =
  "Answer 2xx to every signed event, also to those you have no use for: what is refused is sent again, and counts towards the switching-off of the endpoint. If a handler failed, the receiver's log says why.";

/** What must be acknowledged, by its type. */
export const typeChecks: readonly Check[] = [
  ...eventTypes.map((type) =>
    expectAcknowledged({
      name: `types/${type}`,
      sent: `a genuine ${type}`,
      source: contractSource("“The eleven event types”"),
      fix: ANY_TYPE,
      requests: (secret) => [signRequest(secret, createPlainEvent(type))],
    }),
  ),
  expectAcknowledged({
    name: "types/route.message",
    sent: "route.message, the deprecated name of message.routing",
    source: contractSource("“The eleven event types”"),
    fix: "Treat route.message as message.routing: it has the same data.",
    requests: (secret) => [
      signRequest(secret, { ...createPlainEvent("message.routing"), type: "route.message" }),
    ],
  }),
  expectAcknowledged({
    name: "types/unknown",
    sent: "types that did not exist yesterday",
    source: contractSource("“How it is delivered”: new types appear without notice"),
    fix: "Answer 2xx to signed events of types you do not know, as a default: branch after the signature. A 404 or 400 is sent again, and counts towards the switching-off of the endpoint.",
    requests: (secret) => [
      signRequest(secret, { ...createPlainEvent(), type: "message.teleported" }),
      signRequest(secret, { type: "invoice.paid", timestamp: "2026-07-14T15:03:21Z", data: {} }),
    ],
  }),
];

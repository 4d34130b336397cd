import { eventTypes } from "@ahasend-webhooks/core";

import type { Check } from "../check.js";
import { contract } from "../contract-source.js";
import { plainEvent, signed } from "../probe/check-request.js";
import { acknowledges } from "./request-check.js";

const ANY_TYPE =
  "Answer 2xx to every signed event, also to those you have no use for: what is refused is sent again, and counts towards the switching-off of the endpoint. If a handler failed, the receiver's log says why.";

/** What must be acknowledged, by its type. */
export const typeChecks: readonly Check[] = [
  ...eventTypes.map((type) =>
    acknowledges({
      name: `types/${type}`,
      sent: `a genuine ${type}`,
      source: contract("“The eleven event types”"),
      cure: ANY_TYPE,
      messages: (secret) => [signed(secret, plainEvent(type))],
    }),
  ),
  acknowledges({
    name: "types/route.message",
    sent: "route.message, the deprecated name of message.routing",
    source: contract("“The eleven event types”"),
    cure: "Treat route.message as message.routing: it has the same data.",
    messages: (secret) => [signed(secret, { ...plainEvent("message.routing"), type: "route.message" })],
  }),
  acknowledges({
    name: "types/unknown",
    sent: "types that did not exist yesterday",
    source: contract("“How it is delivered”: new types appear without notice"),
    cure: "Answer 2xx to signed events of types you do not know, as a default: branch after the signature. A 404 or 400 is sent again, and counts towards the switching-off of the endpoint.",
    messages: (secret) => [
      signed(secret, { ...plainEvent(), type: "message.teleported" }),
      signed(secret, { type: "invoice.paid", timestamp: "2026-07-14T15:03:21Z", data: {} }),
    ],
  }),
];

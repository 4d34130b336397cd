import { expect, it } from "vitest";

import * as contract from "../src/contract.js";
import * as inbox from "../src/inbox/index.js";
import * as core from "../src/index.js";
import * as node from "../src/node.js";
import * as sql from "../src/sql/index.js";

it("exports these public names and no others", () => {
  expect(Object.keys(core).toSorted()).toEqual([
    "MemoryStore",
    "PermanentError",
    "WebhookError",
    "assertKnownOptions",
    "createReceiver",
    "createVerifier",
    "createWorker",
    "describeError",
    "eventTypes",
    "findClosest",
    "isKnownEvent",
    "isMessageEvent",
    "isWebhookError",
    "logOutcomes",
    "receiverOptionNames",
    "refuse",
    "sign",
    "summarizeError",
    "toQuietWarning",
    "verify",
  ]);
  expect(Object.keys(inbox).toSorted()).toEqual([
    "AcceptDeadline",
    "AcceptQueue",
    "ConcurrencyGauge",
    "PolledWork",
    "fromKeptDelivery",
    "inboxOptionNames",
    "isInbox",
    "isKeptDelivery",
    "resolveInboxOptions",
    "settlesWithin",
    "toDeadLetterIds",
    "toDeadLetterLimit",
    "toDeliveryKey",
    "toKeptDelivery",
    "toOptionMs",
    "toQueueConcurrency",
    "untilSuccess",
    "withTimeout",
  ]);
  expect(Object.keys(contract).toSorted()).toEqual([
    "MAX_TIMER_SECONDS",
    "classifications",
    "contract",
    "retryDelaySeconds",
  ]);
  expect(Object.keys(node).toSorted()).toEqual([
    "isRefusal",
    "nodeHandler",
    "nodeRequest",
    "sealResponse",
    "toReceiver",
    "untilEnded",
    "writeReply",
  ]);
  expect(Object.keys(sql).toSorted()).toEqual([
    "guardEnded",
    "runDrizzleTransaction",
    "runRawKysely",
    "sqlStoreOptionNames",
  ]);
});

it("exports guards that distinguish the events", () => {
  const event = (type: string) => ({ type, timestamp: "", data: {} });
  expect(core.eventTypes).toHaveLength(11);
  expect(core.eventTypes.filter((type) => core.isMessageEvent(event(type)))).toHaveLength(8);
  expect(core.eventTypes.every((type) => core.isKnownEvent(event(type)))).toBe(true);
  for (const type of ["message.teleported", "constructor", ""]) {
    expect(core.isKnownEvent(event(type)) || core.isMessageEvent(event(type))).toBe(false);
  }
});

it("says which refusals are this app's own fault", () => {
  const codes = ["handler_failed", "body_already_parsed", "store_unavailable", "invalid_signature"] as const;
  const ours = codes.filter((code) => new core.WebhookError(code, "Fix it.").isOurFault);
  expect(ours).toEqual(["handler_failed", "body_already_parsed"]);
});

it("recognizes a WebhookError of another copy of the package", () => {
  const error = new core.WebhookError("in_flight", "busy", { retryAfterSeconds: 2 });
  class ForeignError extends Error {}
  const foreign = Object.defineProperty(
    new ForeignError(),
    Symbol.for("@ahasend-webhooks/core/WebhookError"),
    {
      value: true,
    },
  );
  expect(core.isWebhookError(error)).toBe(true);
  expect(core.isWebhookError(foreign)).toBe(true);
  expect(core.isWebhookError(new Error("other"))).toBe(false);
  expect(core.isWebhookError({ code: "in_flight" })).toBe(false);
  expect(error).toMatchObject({ name: "WebhookError", code: "in_flight", status: 409, retryAfterSeconds: 2 });
});

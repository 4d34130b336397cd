import { setTimeout as pause } from "node:timers/promises";

import { expect, it, vi } from "vitest";

import { type EventIssue, type EventValidator, createReceiver, logOutcomes } from "../src/index.js";
import { bounced, delivery, now, recording, secret } from "./helpers.js";

const issue: EventIssue = { message: "must be a string", path: ["data", "subject"] };

it("reports the issues of an event to onOutcome, and handles it all the same", async () => {
  const validate = vi.fn<EventValidator>(() => [issue]);
  const handler = vi.fn();
  const { options, outcomes } = recording({ "message.bounced": handler }, { validate });
  const receiver = createReceiver(options);
  expect((await receiver.receive(delivery())).status).toBe(204);
  const unknown = bounced.replace("message.bounced", "message.new");
  expect((await receiver.receive(delivery(unknown, "msg_2"))).status).toBe(204);
  expect(outcomes).toMatchObject([
    { kind: "handled", issues: [issue] },
    { kind: "ignored", issues: [issue] },
  ]);
  expect(validate.mock.calls[0]).toEqual([JSON.parse(bounced)]);
  expect(handler).toHaveBeenCalledTimes(1);
});

it("reports nothing for an event without issues, and validates nothing that is not authentic", async () => {
  const validate = vi.fn<EventValidator>(() => []);
  const { options, outcomes } = recording({}, { validate });
  const receiver = createReceiver(options);
  await receiver.receive({ ...delivery(), body: "{}" });
  expect(validate).not.toHaveBeenCalled();
  await receiver.receive(delivery());
  expect(outcomes.map(({ kind }) => kind)).toEqual(["refused", "ignored"]);
  expect(outcomes.some((outcome) => "issues" in outcome)).toBe(false);
});

it("keeps the issues in the outcome of a handler that fails", async () => {
  const fail = () => Promise.reject(new Error("no database"));
  const { options, outcomes } = recording({ "*": fail }, { validate: () => [issue] });
  expect((await createReceiver(options).receive(delivery())).status).toBe(500);
  expect(outcomes).toMatchObject([{ code: "handler_failed", issues: [issue] }]);
});

it.each<[string, () => unknown, RegExp]>([
  [
    "throws",
    () => {
      throw new Error("no schema");
    },
    /^validate threw Error: no schema$/,
  ],
  ["returns a promise that rejects", () => Promise.reject(new Error("late")), /must return one, at once$/],
  ["returns true", () => true, /must return one, at once$/],
  ["returns nothing", () => undefined, /must return one, at once$/],
])("never changes the reply because the validator %s, and reports that", async (_how, validate, message) => {
  const { options, outcomes } = recording({ "*": () => undefined }, { validate: validate as EventValidator });
  expect((await createReceiver(options).receive(delivery())).status).toBe(204);
  expect(outcomes).toMatchObject([
    { kind: "handled", issues: [{ message: expect.stringMatching(message), path: [] }] },
  ]);
  await pause(0);
});

it("logs the issues of a type once a minute, in one line that they cannot forge", async () => {
  const entries: string[] = [];
  const log = { warn: (entry: string) => entries.push(entry), error: (entry: string) => entries.push(entry) };
  const issues = [
    issue,
    { message: "x\n[ahasend-webhooks] 204", path: [] },
    ...[1, 2, 3, 4, 5].map(() => issue),
  ];
  const onOutcome = logOutcomes(log);
  const receiver = createReceiver({ secret, now, on: {}, validate: () => issues, onOutcome });
  await receiver.receive(delivery());
  await receiver.receive(delivery(bounced, "msg_2"));
  expect(entries).toEqual([
    "[ahasend-webhooks] 204 ignored, issues (message.bounced msg_1): The event is not as documented, and was not refused " +
      "for it: data.subject must be a string; x\\u{a}[ahasend-webhooks] 204; data.subject must be a string; " +
      "data.subject must be a string; data.subject must be a string; and 2 more.",
  ]);
});

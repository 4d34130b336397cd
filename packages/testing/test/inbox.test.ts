import { AssertionError } from "node:assert/strict";

import type { Inbox, InboxOptions } from "@ahasend-webhooks/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { inboxModel } from "../src/inbox-model.js";
import { inboxCases } from "../src/index.js";
import { type Rows, memoryInbox } from "./memory-inbox.js";

function createSubject() {
  const rows: Rows = new Map();
  return {
    open: (options: Parameters<typeof memoryInbox>[1]) => memoryInbox(rows, options),
    expireLeases: () => {
      for (const row of rows.values()) if (row.state === "active") row.state = "waiting";
    },
  };
}

describe("the contract of an inbox", () => {
  it.each(inboxCases)("can be met: $name", ({ run }) => run(createSubject()));

  it("can be met in any sequence of arrivals and failures", () =>
    fc.assert(inboxModel(createSubject), { numRuns: 50 }));
});

/** Inboxes with one defect each, and the case that must find it. */
const careless: [defect: string, damage: (inbox: Inbox) => Partial<Inbox>, found: string][] = [
  [
    "recognizes no duplicates",
    (inbox) => {
      let count = 0;
      return {
        accept: (delivery) =>
          inbox.accept({ ...delivery, deliveryId: `${delivery.deliveryId} ${(count += 1)}` }),
      };
    },
    "accepts exactly one of many simultaneous duplicates",
  ],
  [
    "knows no endpoints",
    (inbox) => ({ accept: (delivery) => inbox.accept({ ...delivery, endpoint: "default" }) }),
    "keeps endpoints apart",
  ],
  [
    "keeps the parsed event",
    (inbox) => ({
      accept: (delivery) => {
        const event: unknown = JSON.parse(Buffer.from(delivery.rawBody).toString());
        return inbox.accept({ ...delivery, rawBody: Buffer.from(JSON.stringify(event)) });
      },
    }),
    "keeps a body with numbers and spaces that would be written differently byte for byte",
  ],
  [
    "keeps text",
    (inbox) => ({
      accept: (delivery) => {
        const text = new TextDecoder().decode(delivery.rawBody);
        return inbox.accept({ ...delivery, rawBody: new TextEncoder().encode(text) });
      },
    }),
    "keeps a body with bytes that are not UTF-8 byte for byte",
  ],
  [
    "ignores the ordering key",
    (inbox) => ({ accept: (delivery) => inbox.accept({ ...delivery, orderingKey: undefined }) }),
    "handles deliveries with the same ordering key one at a time and in order, past failures",
  ],
  [
    "counts attempts wrongly",
    (inbox) => ({
      work: (run) =>
        inbox.work((delivery, attempt) => run(delivery, { ...attempt, attempt: attempt.attempt + 1 })),
    }),
    "makes a dead letter of a delivery whose last attempt has failed",
  ],
  [
    "drops dead letters",
    (inbox) => ({ deadLetters: { ...inbox.deadLetters, list: async () => [] } }),
    "forgets a discarded dead letter, but recognizes its duplicates",
  ],
  [
    "discards everything without being asked",
    (inbox) => ({
      deadLetters: {
        ...inbox.deadLetters,
        discard: (ids?: string | readonly string[]) => inbox.deadLetters.discard(ids ?? "all"),
      },
    }),
    "refuses to replay or discard without ids",
  ],
  [
    "counts nothing",
    () => ({ stats: async () => ({ waiting: 0, active: 0, deadLetters: 0, oldestSeconds: undefined }) }),
    "counts what is waiting and active, and knows the age of the oldest",
  ],
];

describe("the contract of an inbox that", () => {
  it.each(careless)("%s is broken", async (_defect, damage, found) => {
    const subject = createSubject();
    const open = (options: InboxOptions) => {
      const inbox = subject.open(options);
      return { ...inbox, ...damage(inbox) };
    };
    const { run } = inboxCases.find(({ name }) => name === found)!;
    await expect(run({ ...subject, open })).rejects.toThrow(AssertionError);
  });
});

import { readFile } from "node:fs/promises";

import { createEvent } from "@ahasend-webhooks/testing";
import { lifecycle, lifecycles } from "@ahasend-webhooks/emulator";
import { readFinalState } from "@ahasend-webhooks/harness/final-state";
import type { AhaSendEvent } from "@ahasend-webhooks/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  type MessageStatus,
  type SuppressionKind,
  bounceKind,
  isComplaint,
  isHumanClick,
  isHumanOpen,
  isKnownClassification,
  knownClassifications,
  messageKey,
  messageStates,
  messageStatus,
  shouldSuppress,
  suppressionKind,
} from "../src/index.js";

const at = (seconds: number) => ({ timestamp: new Date(1_752_500_000_000 + seconds * 1000).toISOString() });
const complaint = createEvent("suppression.created", { ...at(90), data: { reason: "FBL Complaint Report" } });
const opens = [true, false, undefined].map((is_bot, index) =>
  createEvent("message.opened", { ...at(30 + index), data: { is_bot } }),
);

/** Courses of a message: the emulator's lifecycles, and others. */
const courses: Record<string, [events: AhaSendEvent[], state: string | undefined]> = {
  "complaint after opens": [[createEvent("message.delivered", at(1)), ...opens, complaint], "complained"],
  "opened, and the rest is lost": [[...opens, createEvent("message.clicked", at(44))], "delivered"],
  "times that are no times": [
    [
      createEvent("message.opened", { timestamp: "yesterday" }),
      createEvent("message.opened", { timestamp: "2026-07-14T15:03:21.123456789Z" }),
      createEvent("message.opened", { timestamp: "2026-07-14T17:03:21.123456788+02:00" }),
      createEvent("message.opened", { timestamp: undefined }),
    ],
    "delivered",
  ],
};
for (const name of lifecycles) {
  const events = lifecycle(name, { at: 1_752_500_000_000 });
  courses[name] = [events, readFinalState(events)];
}

const play = (events: readonly AhaSendEvent[]) =>
  events.reduce<MessageStatus | undefined>(
    // As it comes back from a database.
    (status, event) => JSON.parse(JSON.stringify(messageStatus(status, event) ?? null)) ?? undefined,
    undefined,
  );

function permute<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permute(items.toSpliced(index, 1)).map((others) => [item, ...others]),
  );
}

describe("messageStatus", () => {
  it.each(Object.entries(courses))("ends the same for every order with duplicates: %s", (_name, course) => {
    const [events, state] = course;
    const inOrder = play(events);
    expect(inOrder?.state).toBe(state);
    for (const permutation of permute(events))
      expect(JSON.stringify(play([...permutation, ...events]))).toBe(JSON.stringify(inOrder));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.array(fc.tuple(fc.constantFrom(...events), fc.nat(events.length))),
        (shuffled, duplicates) => {
          const played = [...shuffled];
          for (const [event, index] of duplicates) played.splice(index, 0, event);
          expect(JSON.stringify(play(played))).toBe(JSON.stringify(inOrder));
        },
      ),
      { seed: 20_261_126 },
    );
  });

  it("keeps what people, machines and unknown readers opened apart, each with its first time", () => {
    expect(
      play([...opens, ...opens, createEvent("message.opened", { ...at(99), data: { is_bot: false } })]),
    ).toEqual({
      state: "delivered",
      since: opens[0]!.timestamp,
      opened: { bot: opens[0]!.timestamp, human: opens[1]!.timestamp, unknown: opens[2]!.timestamp },
      clicked: {},
    });
  });

  it("keeps every final state when a delivered comes late", () => {
    const late = createEvent("message.delivered", at(99_999));
    for (const type of ["message.bounced", "message.failed", "message.suppressed"] as const) {
      const final = messageStatus(undefined, createEvent(type, at(1)));
      expect(messageStatus(final, late)).toEqual(final);
    }
    const complained = messageStatus(undefined, complaint);
    expect(messageStatus(complained, late)).toEqual(complained);
    expect(messageStates.at(-1)).toBe("complained");
  });

  it("changes nothing for events that are not about a message's course", () => {
    const status = messageStatus(null, createEvent("message.delivered"));
    for (const event of [
      createEvent("suppression.created", { data: { reason: "Invalid Recipient" } }),
      createEvent("domain.dns_error"),
      createEvent("message.routing"),
      { type: "message.message.delivered", timestamp: "", data: null },
    ]) {
      expect(messageStatus(status, event)).toBe(status);
      expect(messageStatus(undefined, event)).toBeUndefined();
    }
  });

  it("is kept by a key of message and recipient, not by data.id", () => {
    const data = { message_id_header: "<0198@acme.example>", recipient: "Ada@Customer.example" };
    const key = messageKey(createEvent("message.delivered", { data }));
    expect(key).toBe("<0198@acme.example> ada@customer.example");
    expect(messageKey(createEvent("message.bounced", { data: { ...data, id: "other" } }))).toBe(key);
    expect(
      messageKey(createEvent("message.bounced", { data: { ...data, recipient: "bob@x.example" } })),
    ).not.toBe(key);
  });
});

const bounce = (
  delivery_attempt: object | null | undefined,
  type: "message.bounced" | "message.transient_error" = "message.bounced",
) => createEvent(type, { data: { delivery_attempt: delivery_attempt as never } });

describe("bounceKind", () => {
  it.each([
    ["hard", { smtp_code: 0, classification: "InvalidRecipient" }],
    ["hard", { smtp_code: 550, enhanced_status_code: "5.1.1" }],
    ["hard", { smtp_code: 550, enhanced_status_code: "5.1.10" }],
    ["hard", { smtp_code: 550, enhanced_status_code: "5.2.1", classification: "Uncategorized" }],
    ["hard", { smtp_code: 550, command: "RCPT TO" }],
    ["hard", { smtp_code: 556 }],
    ["soft", { smtp_code: 552, classification: "QuotaIssues" }],
    ["soft", { smtp_code: 552, enhanced_status_code: "5.2.2" }],
    ["soft", { smtp_code: 450, enhanced_status_code: "4.1.1" }],
    ["soft", { smtp_code: 421 }],
    ["soft", { smtp_code: 0, classification: "NoAnswerFromHost" }],
    ["block", { smtp_code: 550, classification: "PolicyRelated", enhanced_status_code: "5.1.1" }],
    ["block", { smtp_code: 550, enhanced_status_code: "5.7.1" }],
    ["block", { smtp_code: 421, enhanced_status_code: "4.7.28" }],
    ["block", { smtp_code: 553, enhanced_status_code: "5.1.8" }],
    ["block", { smtp_code: 550, command: "DATA" }],
    ["block", { smtp_code: 554, classification: "SomethingNew", enhanced_status_code: "banana" }],
    ["unknown", { smtp_code: 0 }],
    ["unknown", { smtp_code: 0, classification: "Uncategorized" }],
    ["unknown", { smtp_code: 500, classification: "ProtocolErrors", enhanced_status_code: "5.5.1" }],
    ["unknown", { smtp_code: "550", classification: 7, enhanced_status_code: {}, command: [] }],
    ["unknown", {}],
    ["unknown", null],
    ["unknown", undefined],
  ])("is %s for %o", (kind, attempt) => {
    expect(bounceKind(bounce(attempt))).toBe(kind);
  });

  it("is known for a deferred message, and unknown for events that are no refusals", () => {
    expect(
      bounceKind(bounce({ smtp_code: 452, classification: "QuotaIssues" }, "message.transient_error")),
    ).toBe("soft");
    expect(bounceKind(createEvent("message.delivered"))).toBe("unknown");
    expect(bounceKind(createEvent("suppression.created"))).toBe("unknown");
  });

  it("knows the documented classifications, and no others", () => {
    expect(knownClassifications).toHaveLength(15);
    expect(knownClassifications.every(isKnownClassification)).toBe(true);
    expect(["invalidrecipient", "constructor", "", undefined, 3].some(isKnownClassification)).toBe(false);
  });
});

const suppressed = (reason: string, days = 30) =>
  createEvent("suppression.created", {
    data: {
      reason,
      created_at: "2026-07-14T15:03:21.123456Z",
      expires_at: new Date(Date.parse("2026-07-14T15:03:21.119Z") + days * 86_400_000).toISOString(),
    },
  });

/** Every reason that AhaSend documents or the emulator sends, and how others may be worded. */
const kindByReason: Record<string, SuppressionKind> = {
  "FBL Complaint Report": "complaint",
  "FBL Abuse Report": "complaint",
  "Too many hard bounces": "bounce",
  "Invalid Recipient": "bounce",
  "Inactive Mailbox": "bounce",
  "Policy Related": "bounce",
  "Transient Failure": "expired",
  "Too many soft bounces": "expired",
  "Quota Issues": "expired",
  "no answer from host": "expired",
  "Message Expired": "expired",
  "Message expired after retries": "expired",
  "added manually": "manual",
  "a reason that is new": "unknown",
  "": "unknown",
};

describe("suppressions", () => {
  it.each(Object.entries(kindByReason))("with the reason %j are of the kind %s", (reason, kind) => {
    expect(suppressionKind(suppressed(reason))).toBe(kind);
    expect(isComplaint(suppressed(reason))).toBe(kind === "complaint");
  });

  it("have a known kind for every reason of the contract and of the emulator's lifecycles", async () => {
    const contract = await readFile(new URL("../../../contract/README.md", import.meta.url), "utf8");
    const [documented = ""] = /Reasons seen: .*?\./s.exec(contract) ?? [];
    const sent = lifecycles.flatMap((name) =>
      lifecycle(name).flatMap(({ data }) => ("reason" in data ? [data.reason] : [])),
    );
    const reasons = [...[...documented.matchAll(/`([^`]+)`/g)].map(([, reason]) => reason!), ...sent];
    expect(reasons.length).toBeGreaterThanOrEqual(8);
    // A reason that is missing from the table is undefined.
    expect(
      reasons.map((reason) => kindByReason[reason]).filter((kind) => !kind || kind === "unknown"),
    ).toEqual([]);
  });

  it.each([
    ["expired", suppressed("a reason that is new", 15)],
    ["manual", suppressed("added manually", 15)],
    ["unknown", createEvent("suppression.created", { data: { reason: undefined, expires_at: undefined } })],
  ])("are of the kind %s for %j", (kind, event) => {
    expect(suppressionKind(event)).toBe(kind);
    expect(isComplaint(event)).toBe(kind === "complaint");
  });

  it("follow from a hard bounce and from AhaSend's list, with the reason and the end", () => {
    const recipient = "ada@customer.example";
    expect(shouldSuppress(bounce({ smtp_code: 550, classification: "InvalidRecipient" }))).toEqual({
      recipient,
      reason: "bounce",
    });
    expect(shouldSuppress(suppressed("FBL Complaint Report"))).toEqual({
      recipient,
      reason: "complaint",
      until: "2026-08-13T15:03:21.119Z",
    });
  });

  it("do not follow from a full mailbox, a block, a late bounce report, or a message that was suppressed", () => {
    for (const event of [
      bounce({ smtp_code: 552, classification: "QuotaIssues" }),
      bounce({ smtp_code: 550, classification: "PolicyRelated" }),
      bounce(null),
      createEvent("message.suppressed"),
      createEvent("message.bounced", { data: { recipient: undefined } }),
      createEvent("suppression.created", { data: { recipient: undefined } }),
      createEvent("message.routing"),
    ]) {
      expect(shouldSuppress(event)).toBeUndefined();
    }
  });
});

describe("opens and clicks", () => {
  it("are those of people only where AhaSend says so", () => {
    expect(opens.map(isHumanOpen)).toEqual([false, true, false]);
    const clicks = [true, false, undefined].map((is_bot) =>
      createEvent("message.clicked", { data: { is_bot } }),
    );
    expect(clicks.map(isHumanClick)).toEqual([false, true, false]);
    expect(isHumanClick(opens[1]!)).toBe(false);
    expect(isHumanOpen(clicks[1]!)).toBe(false);
  });
});

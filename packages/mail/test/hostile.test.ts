import { type AhaSendEvent, eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import * as mail from "../src/index.js";
import { createAttachment, createMail } from "./helpers.js";

/** Calls every function that reads an event, as a handler would. */
function callAll(event: AhaSendEvent): void {
  mail.bounceKind(event);
  mail.isComplaint(event);
  mail.isHumanClick(event);
  mail.isHumanOpen(event);
  mail.shouldSuppress(event);
  mail.messageStatus(mail.messageStatus(undefined, event), event);
  mail.validateEvent(event);
  if (event.type !== "message.routing") return;
  for (const { decode } of mail.readAttachments(event)) decode();
  mail.resolveInlineImages(event, ({ fileName }) => fileName);
  mail.inboundKey(event);
  mail.isAutomated(event);
  mail.readThread(event);
  mail.replyText(event);
  mail.parseAddress(event.data.from);
}

describe("every function", () => {
  it("throws nothing for an authentic event whose fields are missing or of any type", () => {
    const field = fc.oneof(
      fc.jsonValue(),
      // Not unit: "binary", which makes a table of all code points first.
      fc.string({ unit: fc.nat(0x10ffff).map((point) => String.fromCodePoint(point)) }),
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...eventTypes),
        fc.array(fc.tuple(fc.nat(), fc.option(field, { nil: undefined }))),
        (type, changes) => {
          const event = createEvent(type);
          const data: Record<string, unknown> = { ...event.data };
          const names = Object.keys(data);
          for (const [index, value] of changes) data[names[index % names.length]!] = value;
          callAll({ ...event, data } as unknown as AhaSendEvent);
        },
      ),
      { numRuns: 60, seed: 20_261_126 },
    );
  });
});

/** A quadratic function needs some 10^11 steps for it, which is minutes, and a linear one milliseconds. */
const LENGTH = 300_000;
const fill = (part: string, end = "") => part.repeat(LENGTH / part.length) + end;

describe("linear time", () => {
  it.each([
    ['"cid:'],
    ["'cid:a \"cid:b "],
    ["=cid:"],
    ["(cid:%"],
    ["cid:&quot;"],
    ["<"],
    ["<a"],
    ["<!--"],
    ["<!-- -"],
    ["<style>"],
    ["</style"],
    ["<blockquote>"],
    ['<a ="'],
    ["<a ='>="],
    ["<a = "],
    ["("],
    ["<b> </b> \n"],
    ["&#"],
    ["&amp"],
    [" "],
    ["\r\n"],
    ["a"],
    ["cid:"],
  ])("is what a body of %j needs", (part) => {
    for (const html_body of [fill(part), fill(part, ">"), fill(part, '"')]) {
      const event = createMail({
        html_body,
        plain_body: "",
        reply_from_plain_body: "",
        attachments: [createAttachment("a", { content_id: "a" })],
      });
      expect(mail.resolveInlineImages(event, () => "url").length).toBeGreaterThan(0);
      expect(mail.replyText(event).length).toBeLessThanOrEqual(html_body.length);
    }
  });

  it.each([
    ["a"],
    ["a@"],
    ["<"],
    ["<a@b"],
    ["<a@b>"],
    [" "],
    [","],
    [":"],
    ["("],
    ['"'],
    ["\\"],
    ["a:"],
    ["a@b "],
    ["=?utf-8?Q?"],
  ])("is what headers of %j need", (part) => {
    const header = fill(part);
    const event = createMail({
      from: header,
      message_id: header,
      references: header,
      in_reply_to: header,
      auto_submitted: header,
    });
    expect(mail.readThread(event).ancestorIds.length).toBeLessThanOrEqual(2000);
    expect(mail.inboundKey(event)).toHaveLength(64);
    expect(mail.isAutomated(event)).toBe(header.trim() !== "");
  });

  it.each([["."], [" "], ["/"], ["\\"], ["\u0000"], ["\u202e"], ["a."], ["con."], ["e\u0301"], [" ("]])(
    "is what a file name of %j needs",
    (part) => {
      const [attachment] = mail.readAttachments(createMail({ attachments: [createAttachment(fill(part))] }));
      expect(attachment!.fileName.length).toBeGreaterThan(0);
    },
  );

  it("is what twenty thousand attachments need, of which none is as documented", () => {
    const attachments = Array.from({ length: 20_000 }, (_, index) => ({ filename: index }));
    const event = createMail({ attachments });
    expect(mail.readAttachments(event)).toHaveLength(20_000);
    expect(mail.validateEvent(event)).toHaveLength(50);
  });
});

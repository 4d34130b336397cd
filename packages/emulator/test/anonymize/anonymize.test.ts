import { verify } from "@ahasend-webhooks/core";
import {
  type EventOverrides,
  caseSecret,
  createDeliveryId,
  createEvent,
  createEventId,
  createMessageId,
  formatDelivery,
  serialize,
} from "@ahasend-webhooks/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { anonymizeDelivery } from "../../src/anonymize/anonymize-delivery.js";
import { anonymizeEvent } from "../../src/anonymize/anonymize-event.js";
import { Pseudonyms } from "../../src/anonymize/pseudonyms.js";
import { type Step, courses } from "../../src/lifecycles/courses.js";
import { createPersonalEvents, listTokens, personalValues } from "./personal-event.js";

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Writes every character of strings as an escape, as JSON allows. */
function escapeAll(json: string): string {
  return json.replaceAll(/"(?:\\.|[^"\\])*"/g, (literal) => {
    const units = (JSON.parse(literal) as string).split("");
    return `"${units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
  });
}

/** Returns what can be read out of a file: as it is, and decoded in every way that JSON and e-mails have. */
function decodeAll(content: string): string {
  const strings = content.match(/"(?:\\.|[^"\\])*"/g)?.map((literal) => JSON.parse(literal) as string) ?? [];
  const readable = [content, ...strings];
  const decoded = readable.flatMap((text) => [
    text,
    text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
    ...(text.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? []).map((run) => Buffer.from(run, "base64").toString()),
  ]);
  return decoded.join("\n").toLowerCase();
}

/** Anonymizes events as one recording. */
function anonymizeAll(events: readonly object[]): Record<string, unknown>[] {
  const pseudonyms = new Pseudonyms();
  return events.map(
    (event) => JSON.parse(anonymizeEvent(serialize(event), pseudonyms)) as Record<string, unknown>,
  );
}

/** The reasons of suppressions in all lifecycles. */
const reasons = Object.values<readonly Step[]>(courses)
  .flat()
  .flatMap((step) => (step.type === "suppression.created" ? (step.data?.reason ?? []) : []));

describe("anonymized deliveries", () => {
  it("keep the reasons of suppressions that are AhaSend's own", () => {
    const toEvent = (reason: string) => createEvent("suppression.created", { data: { reason } });
    expect(reasons).toContain("Transient Failure");
    expect(anonymizeAll([...reasons, "Ada asked for it"].map(toEvent)).map(({ data }) => data)).toMatchObject(
      [...reasons, "reason-1"].map((reason) => ({ reason })),
    );
  });

  it("keep that a mail system has written", () => {
    const data = {
      from: "MAILER-DAEMON@customer.example",
      headers: { "Return-Path": "<>", From: "Mail Delivery System <MAILER-DAEMON@customer.example>" },
    };
    expect(anonymizeAll([createEvent("message.routing", { data })])[0]).toMatchObject({
      data: {
        from: "MAILER-DAEMON@domain-1.example",
        headers: { "Return-Path": "<>", From: "Mail system <MAILER-DAEMON@domain-1.example>" },
      },
    });
  });

  it("contain none of the addresses, names, subjects, ids and contents, in any encoding", () => {
    fc.assert(
      fc.property(personalValues, fc.boolean(), (values, isEscaped) => {
        const pseudonyms = new Pseudonyms();
        const files = createPersonalEvents(values).map((event) => {
          const body = isEscaped ? escapeAll(JSON.stringify(event)) : serialize(event);
          const [first = ""] = values.ids;
          return formatDelivery(anonymizeDelivery({ id: `msg_${first}`, body, at: 0 }, pseudonyms));
        });
        const content = decodeAll(files.join("\n"));
        const kept = listTokens(values).filter((token) => content.includes(token.toLowerCase()));
        expect(kept).toEqual([]);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("are signed with the secret of test cases, at the time of the attempt", () => {
    const at = Date.parse("2026-07-14T15:03:21Z");
    const body = serialize(createEvent("message.opened"));
    const delivery = anonymizeDelivery({ id: createDeliveryId(), body, at }, new Pseudonyms());
    expect(verify(delivery, { secret: caseSecret, now: () => at }).event.type).toBe("message.opened");
    expect(delivery.headers["webhook-id"]).toMatch(uuid7);
  });

  it("of one e-mail still have the same recipient and message id, and others do not", () => {
    const message_id_header = createMessageId("acme.example");
    const recipient = "ada@customer.example";
    const [sent, bounced, suppressed, other] = anonymizeAll([
      createEvent("message.reception", { data: { message_id_header, recipient } }),
      createEvent("message.bounced", { data: { message_id_header, recipient } }),
      createEvent("suppression.created", { data: { recipient } }),
      createEvent("message.reception", { data: { recipient: "bob@customer.example" } }),
    ]).map(({ data }) => data as Record<string, string>);
    const key = { message_id_header: sent!["message_id_header"], recipient: sent!["recipient"] };
    expect(bounced).toMatchObject(key);
    expect(suppressed).toMatchObject({ recipient: key.recipient });
    expect(other).not.toMatchObject({ recipient: key.recipient });
    expect(other!["message_id_header"]).not.toBe(key.message_id_header);
    expect(other!["recipient"]!.split("@")[1]).toBe(key.recipient!.split("@")[1]);
  });

  it("keep the shape of each value, and what handlers decide by", () => {
    const bounced = createEvent("message.bounced", {
      timestamp: "2026-07-14T15:03:21.123456789Z",
      data: { from: "Acme Billing <billing+july@acme.example>", id: createEventId(), is_bot: true },
    });
    const [anonymized] = anonymizeAll([bounced]);
    expect(anonymized).toEqual({
      type: "message.bounced",
      timestamp: "2026-07-14T15:03:21.123456789Z",
      webhook_id: "00000000-0000-4000-8000-000000000001",
      data: {
        account_id: expect.stringMatching(/^[0-9a-f-]{24}0{9}\d{3}$/) as string,
        event: "on_bounced",
        from: "Person 1 <person-1+tag-1@domain-1.example>",
        recipient: "person-2@domain-2.example",
        subject: "Subject 1",
        message_id_header: expect.stringMatching(
          /^<[0-9a-f-]{14}7000-8000-[0-9a-f]{12}@domain-1\.example>$/,
        ) as string,
        is_bot: true,
        id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        delivery_attempt: {
          classification: "InvalidRecipient",
          smtp_code: 550,
          enhanced_status_code: "5.1.1",
          response: "response-1",
          command: "RCPT TO",
        },
      },
    });
    expect(Object.keys(anonymized!["data"] as object)).toEqual(Object.keys(bounced.data));
  });
});

describe("an anonymized inbound e-mail", () => {
  const attachment = { content_id: "", disposition: "attachment", data: "c2VjcmV0" };
  const png = {
    ...attachment,
    filename: "Me.PNG",
    content_type: "image/png; name=Me.PNG",
    content_id: "a b@x.example",
  };

  /** Anonymizes an inbound e-mail. @returns its data */
  function anonymizeMail(overrides: EventOverrides<"message.routing">) {
    const [event] = anonymizeAll([createEvent("message.routing", overrides)]);
    return event!["data"] as Record<string, unknown> & { headers: Record<string, string> };
  }

  it("still answers the same e-mail, from the same person to the same one, in its headers as well", () => {
    const { from, to, subject, in_reply_to, references, headers } = anonymizeMail({
      data: { references: "<invoice-7@acme.example> <second@acme.example>" },
    });
    expect(headers).toMatchObject({ From: from, To: to, Subject: subject, "In-Reply-To": in_reply_to });
    expect(String(references).split(" ")[0]).toBe(in_reply_to);
    expect(subject).toBe("Re: Subject 1");
  });

  it("keeps headers that handlers decide by, and renames those that it does not know", () => {
    const { headers } = anonymizeMail({
      data: {
        headers: {
          "Auto-Submitted": "auto-replied",
          "x-ada-lovelace": "1",
          Precedence: "bulk",
          "X-Priority": "1 (Highest)",
        },
      },
    });
    expect(headers).toEqual({
      "Auto-Submitted": "auto-replied",
      Precedence: "bulk",
      "X-Header-1": "value-1",
      "X-Priority": "1 (Highest)",
    });
  });

  it("has the same number of attachments of the same media types, and shows its embedded images", () => {
    const { attachments, html_body } = anonymizeMail({
      data: {
        html_body: '<p>Hello Ada</p><img src="cid:a%20b@x.example">',
        attachments: [png, { ...attachment, filename: "Ada.exe", content_type: "application/vnd.ada" }],
      },
    });
    const [image, program] = attachments as (typeof png)[];
    expect(image).toMatchObject({
      filename: "attachment-1.png",
      content_type: "image/png",
      disposition: "attachment",
    });
    expect(Buffer.from(image!.data, "base64").subarray(1, 4).toString()).toBe("PNG");
    expect(program).toMatchObject({ filename: "attachment-2", content_type: "application/octet-stream" });
    expect(html_body).toBe(`<p>Body 1, anonymized.</p>\n<img src="cid:${image!.content_id}">`);
  });

  it("keeps what is empty, null or missing", () => {
    const empty = { reply_to: "", cc: "", html_body: "", attachments: null as never, headers: undefined };
    expect(anonymizeMail({ data: empty })).toMatchObject({
      reply_to: "",
      cc: "",
      html_body: "",
      attachments: null,
    });
  });
});

it("replaces a value that it does not know by one of the same shape", () => {
  const pseudonyms = new Pseudonyms();
  const anonymize = (value: unknown) =>
    JSON.parse(anonymizeEvent(JSON.stringify(value), pseudonyms)) as unknown;
  expect(
    anonymize({
      type: "message.teleported",
      data: { to_planet: "Ada's", at: "2026-07-14T15:03:21Z", ok: true },
    }),
  ).toEqual({
    type: "message.teleported",
    data: { to_planet: "value-1", at: "2026-07-14T15:03:21Z", ok: true },
  });
  expect(
    anonymize({ type: "Ada", data: { n: 4711, ip_list: ["192.0.2.77", "2001:db8::77:1"], key: {} } }),
  ).toEqual({
    type: "type-1",
    data: { n: 1, ip_list: ["198.18.0.1", "2001:db8::2"], key: {} },
  });
  expect(anonymize(["ada@x.example", null])).toEqual(["person-1@domain-1.example", null]);
});

it("distinguishes two spellings of one address, and knows that they are one", () => {
  const pseudonyms = new Pseudonyms();
  const spellings = ["ada@x.example", "Ada@x.example", "ada@X.example"].map((value) =>
    pseudonyms.address(value),
  );
  expect(spellings).toEqual([
    "person-1@domain-1.example",
    "Person-1@domain-1.example",
    "person-1@Domain-1.example",
  ]);
});

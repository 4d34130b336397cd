import { vectors } from "@ahasend-webhooks/testing";
import { eventTypes } from "@ahasend-webhooks/core";

import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { createPlainEvent, signRequest } from "../probe/check-request.js";
import { type RequestCheck, expectAcknowledged } from "./request-check.js";

const REQUEST = contractSource("“The request”");
const ENVELOPE = contractSource("“The envelope”");
const DATA = contractSource("“`data` of the message events”");
const ROUTING = contractSource("“`data` of `message.routing`”");

const RAW_BYTES =
  'Verify the bytes as they came: JSON.stringify(req.body) writes them in another way. Express: express.raw({ type: "*/*", limit: "30mb" }) on the route, ahead of any express.json(). NestJS: rawBody: true and req.rawBody. Koa: raw-body on ctx.req, ahead of the body parser.';

/** A check that rests on the one about escapes: AhaSend cannot send its message without any. */
const escaped = (row: RequestCheck) => expectAcknowledged({ ...row, restsOn: "bodies/escapes" });

/** What must be acknowledged, by what is unusual about the body. */
export const bodyChecks: readonly Check[] = [
  expectAcknowledged({
    name: "bodies/escapes",
    sent: "<, > and & in a text: Go escapes them",
    source: REQUEST,
    fix: RAW_BYTES,
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "<b>Sale</b> & more" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/line-separators",
    sent: "U+2028 and U+2029 in a text: Go escapes them",
    source: REQUEST,
    fix: RAW_BYTES,
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "one\u2028two\u2029three" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/half-characters",
    sent: "a half character in a text: Go replaces it by \\ufffd",
    source: REQUEST,
    fix: RAW_BYTES,
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "half \ud83d of one" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/split-characters",
    sent: "characters of three and four bytes that come in pieces",
    source: REQUEST,
    fix: "Gather the body as bytes, Buffer.concat(chunks), and verify those: `body += chunk` breaks the characters that two chunks share, and latin1 breaks them all.",
    requests: (secret) => [
      {
        ...signRequest(secret, createPlainEvent("message.opened", { subject: "鍵🔑".repeat(500) })),
        uploadSeconds: 0.1,
      },
    ],
  }),
  expectAcknowledged({
    name: "bodies/nul",
    sent: "U+0000 in a text",
    source: REQUEST,
    fix: "A text can hold \\u0000, and PostgreSQL's text and jsonb refuse it: store the raw body as bytea, or take the NULs out before you store a text.",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "nul \0 in it" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/extra-fields",
    sent: "unknown fields in the envelope, in data and in delivery_attempt",
    source: ENVELOPE,
    fix: "Let unknown fields pass, they appear without notice. Zod: looseObject instead of strictObject. NestJS: no forbidNonWhitelisted for this route. JSON Schema: no additionalProperties: false.",
    requests: (secret) => {
      const extra = { future_field: { list: [1, "two", null] } };
      const attempt = { smtp_code: 0, classification: "BrandNewBucket", ...extra };
      const event = createPlainEvent("message.bounced", { delivery_attempt: attempt, ...extra });
      return [signRequest(secret, { ...event, ...extra })];
    },
  }),
  expectAcknowledged({
    name: "bodies/null-attempt",
    sent: "a bounce whose delivery_attempt is null, and one without",
    source: DATA,
    fix: "delivery_attempt may be an object, null or absent: write data.delivery_attempt?.classification, and let a validator take all three.",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.bounced", { delivery_attempt: null }), { label: "null" }),
      signRequest(secret, createPlainEvent("message.bounced", { delivery_attempt: undefined }), {
        label: "absent",
      }),
    ],
  }),
  expectAcknowledged({
    name: "bodies/absent-fields",
    sent: "older deliveries, without is_bot, webhook_id and the header texts of an inbound mail",
    source: contractSource("“The envelope” and “The eleven event types”"),
    fix: "Older deliveries lack is_bot, webhook_id, content_id, disposition, reply_to, spam_score and the header texts: let them be optional.",
    requests: (secret) => {
      const header = { reply_to: undefined, spam_score: undefined, cc: undefined, references: undefined };
      const old = { ...createPlainEvent("message.opened", { is_bot: undefined }), webhook_id: undefined };
      return [signRequest(secret, old), signRequest(secret, createPlainEvent("message.routing", header))];
    },
  }),
  expectAcknowledged({
    name: "bodies/fractional-seconds",
    sent: "timestamps with 3, 6 and 9 digits of a second",
    source: ENVELOPE,
    fix: "Take RFC 3339 with up to nine fractional digits: keep the text, or cut it to milliseconds before a strict parser sees it.",
    requests: (secret) =>
      ["123", "123456", "123456789"].map((digits) =>
        signRequest(secret, { ...createPlainEvent(), timestamp: `2026-07-14T15:03:21.${digits}Z` }),
      ),
  }),
  expectAcknowledged({
    name: "bodies/null-attachments",
    sent: "an inbound mail whose attachments are null, and one with an empty list",
    source: ROUTING,
    fix: "Go writes null for an empty list: read data.attachments ?? [].",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.routing", { attachments: null }), { label: "null" }),
      signRequest(secret, createPlainEvent("message.routing", { attachments: [] }), {
        label: "an empty list",
      }),
    ],
  }),
  escaped({
    name: "bodies/named-sender",
    sent: "a sender with a name: Campaigns <news@example.com>",
    source: DATA,
    fix: "from is header text, not an address: do not validate it as one.",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.bounced", { from: "Campaigns <news@example.com>" })),
    ],
  }),
  escaped({
    name: "bodies/recorded",
    sent: "recorded deliveries, with the bytes that AhaSend's own serialiser wrote",
    source: "contract/vectors.json",
    fix: "Compare the named delivery in contract/vectors.json with what your handler expects: the receiver's log says where it failed.",
    requests: (secret) =>
      vectors
        // New types and the old name have checks of their own.
        .filter(({ body }) => eventTypes.some((type) => body.startsWith(`{"type":"${type}"`)))
        .map(({ name, body }) => signRequest(secret, body, { label: name })),
  }),
];

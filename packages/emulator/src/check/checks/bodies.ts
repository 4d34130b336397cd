import { vectors } from "@ahasend-webhooks/testing";
import { eventTypes } from "@ahasend-webhooks/core";

import type { Check } from "../check.js";
import { contract } from "../contract-source.js";
import { plainEvent, signed } from "../probe/check-request.js";
import { type Row, acknowledges } from "./request-check.js";

const REQUEST = contract("“The request”");
const ENVELOPE = contract("“The envelope”");
const DATA = contract("“`data` of the message events”");
const ROUTING = contract("“`data` of `message.routing`”");

const RAW_BYTES =
  'Verify the bytes as they came: JSON.stringify(req.body) writes them in another way. Express: express.raw({ type: "*/*", limit: "30mb" }) on the route, ahead of any express.json(). NestJS: rawBody: true and req.rawBody. Koa: raw-body on ctx.req, ahead of the body parser.';

/** A check that rests on the one about escapes: AhaSend cannot send its message without any. */
const escaped = (row: Row) => acknowledges({ ...row, restsOn: "bodies/escapes" });

/** What must be acknowledged, by what is unusual about the body. */
export const bodyChecks: readonly Check[] = [
  acknowledges({
    name: "bodies/escapes",
    sent: "<, > and & in a text: Go escapes them",
    source: REQUEST,
    cure: RAW_BYTES,
    messages: (secret) => [signed(secret, plainEvent("message.opened", { subject: "<b>Sale</b> & more" }))],
  }),
  acknowledges({
    name: "bodies/line-separators",
    sent: "U+2028 and U+2029 in a text: Go escapes them",
    source: REQUEST,
    cure: RAW_BYTES,
    messages: (secret) => [
      signed(secret, plainEvent("message.opened", { subject: "one\u2028two\u2029three" })),
    ],
  }),
  acknowledges({
    name: "bodies/half-characters",
    sent: "a half character in a text: Go replaces it by \\ufffd",
    source: REQUEST,
    cure: RAW_BYTES,
    messages: (secret) => [signed(secret, plainEvent("message.opened", { subject: "half \ud83d of one" }))],
  }),
  acknowledges({
    name: "bodies/split-characters",
    sent: "characters of three and four bytes that come in pieces",
    source: REQUEST,
    cure: "Gather the body as bytes, Buffer.concat(chunks), and verify those: `body += chunk` breaks the characters that two chunks share, and latin1 breaks them all.",
    messages: (secret) => [
      {
        ...signed(secret, plainEvent("message.opened", { subject: "鍵🔑".repeat(500) })),
        uploadSeconds: 0.1,
      },
    ],
  }),
  acknowledges({
    name: "bodies/nul",
    sent: "U+0000 in a text",
    source: REQUEST,
    cure: "A text can hold \\u0000, and PostgreSQL's text and jsonb refuse it: store the raw body as bytea, or take the NULs out before you store a text.",
    messages: (secret) => [signed(secret, plainEvent("message.opened", { subject: "nul \0 in it" }))],
  }),
  acknowledges({
    name: "bodies/extra-fields",
    sent: "unknown fields in the envelope, in data and in delivery_attempt",
    source: ENVELOPE,
    cure: "Let unknown fields pass, they appear without notice. Zod: looseObject instead of strictObject. NestJS: no forbidNonWhitelisted for this route. JSON Schema: no additionalProperties: false.",
    messages: (secret) => {
      const extra = { future_field: { list: [1, "two", null] } };
      const attempt = { smtp_code: 0, classification: "BrandNewBucket", ...extra };
      const event = plainEvent("message.bounced", { delivery_attempt: attempt, ...extra });
      return [signed(secret, { ...event, ...extra })];
    },
  }),
  acknowledges({
    name: "bodies/null-attempt",
    sent: "a bounce whose delivery_attempt is null, and one without",
    source: DATA,
    cure: "delivery_attempt may be an object, null or absent: write data.delivery_attempt?.classification, and let a validator take all three.",
    messages: (secret) => [
      signed(secret, plainEvent("message.bounced", { delivery_attempt: null }), { what: "null" }),
      signed(secret, plainEvent("message.bounced", { delivery_attempt: undefined }), { what: "absent" }),
    ],
  }),
  acknowledges({
    name: "bodies/absent-fields",
    sent: "older deliveries, without is_bot, webhook_id and the header texts of an inbound mail",
    source: contract("“The envelope” and “The eleven event types”"),
    cure: "Older deliveries lack is_bot, webhook_id, content_id, disposition, reply_to, spam_score and the header texts: let them be optional.",
    messages: (secret) => {
      const header = { reply_to: undefined, spam_score: undefined, cc: undefined, references: undefined };
      const old = { ...plainEvent("message.opened", { is_bot: undefined }), webhook_id: undefined };
      return [signed(secret, old), signed(secret, plainEvent("message.routing", header))];
    },
  }),
  acknowledges({
    name: "bodies/fractional-seconds",
    sent: "timestamps with 3, 6 and 9 digits of a second",
    source: ENVELOPE,
    cure: "Take RFC 3339 with up to nine fractional digits: keep the text, or cut it to milliseconds before a strict parser sees it.",
    messages: (secret) =>
      ["123", "123456", "123456789"].map((digits) =>
        signed(secret, { ...plainEvent(), timestamp: `2026-07-14T15:03:21.${digits}Z` }),
      ),
  }),
  acknowledges({
    name: "bodies/null-attachments",
    sent: "an inbound mail whose attachments are null, and one with an empty list",
    source: ROUTING,
    cure: "Go writes null for an empty list: read data.attachments ?? [].",
    messages: (secret) => [
      signed(secret, plainEvent("message.routing", { attachments: null }), { what: "null" }),
      signed(secret, plainEvent("message.routing", { attachments: [] }), { what: "an empty list" }),
    ],
  }),
  escaped({
    name: "bodies/named-sender",
    sent: "a sender with a name: Campaigns <news@example.com>",
    source: DATA,
    cure: "from is header text, not an address: do not validate it as one.",
    messages: (secret) => [
      signed(secret, plainEvent("message.bounced", { from: "Campaigns <news@example.com>" })),
    ],
  }),
  escaped({
    name: "bodies/recorded",
    sent: "recorded deliveries, with the bytes that AhaSend's own serialiser wrote",
    source: "contract/vectors.json",
    cure: "Compare the named delivery in contract/vectors.json with what your handler expects: the receiver's log says where it failed.",
    messages: (secret) =>
      vectors
        // New types and the old name have checks of their own.
        .filter(({ body }) => eventTypes.some((type) => body.startsWith(`{"type":"${type}"`)))
        .map(({ name, body }) => signed(secret, body, { what: name })),
  }),
];

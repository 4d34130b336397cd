import { eventTypes } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";
import { vectors } from "@ahasend-webhooks/testing";

import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import { signRequest } from "../probe/check-request.js";
import { createPlainEvent } from "../probe/sample-events.js";
import { type RequestCheck, expectAcknowledged } from "./request-check.js";

const REQUEST = contractSource("The request");
const ENVELOPE = contractSource("The envelope");
const DATA = contractSource("`data` of the message events");
const ROUTING = contractSource("`data` of `message.routing`");

const RAW_BYTES = `Verify the bytes exactly as they arrived: JSON.stringify(req.body) writes different ones. Express: mount express.raw({ type: "*/*", limit: ${contract.maxBodyBytes} }) ahead of any express.json(). NestJS: set rawBody: true and use req.rawBody. Koa: use raw-body on ctx.req, ahead of the body parser.`;

/** Creates a check that rests on the one of escapes: AhaSend cannot send these bodies without them. */
const expectEscapedAcknowledged = (check: RequestCheck) =>
  expectAcknowledged({ ...check, restsOn: "bodies/escapes" });

/** Unusual bodies, which must be acknowledged. */
export const bodyChecks: readonly Check[] = [
  expectAcknowledged({
    name: "bodies/escapes",
    sent: "<, > and & in a string, which Go escapes",
    source: REQUEST,
    fix: RAW_BYTES,
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "<b>Sale</b> & more" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/line-separators",
    sent: "U+2028 and U+2029 in a string, which Go escapes",
    source: REQUEST,
    fix: RAW_BYTES,
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "one\u2028two\u2029three" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/lone-surrogates",
    sent: "a lone surrogate in a string, which Go replaces with \\ufffd",
    source: REQUEST,
    fix: RAW_BYTES,
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "half \ud83d of one" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/split-characters",
    sent: "characters of three and four bytes, split between chunks",
    source: REQUEST,
    fix: "Collect the body as bytes with Buffer.concat(chunks), and verify those: `body += chunk` breaks characters that are split between chunks, and latin1 breaks all of them.",
    requests: (secret) => [
      {
        ...signRequest(secret, createPlainEvent("message.opened", { subject: "鍵🔑".repeat(500) })),
        uploadSeconds: 0.1,
      },
    ],
  }),
  expectAcknowledged({
    name: "bodies/nul",
    sent: "U+0000 in a string",
    source: REQUEST,
    fix: "Expect \\u0000 in strings. PostgreSQL's text and jsonb reject it: store the raw body as bytea, or remove the NULs before you store a string.",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.opened", { subject: "nul \0 in it" })),
    ],
  }),
  expectAcknowledged({
    name: "bodies/extra-fields",
    sent: "unknown fields in the envelope, in data and in delivery_attempt",
    source: ENVELOPE,
    fix: "Allow unknown fields: they appear without notice. Zod: looseObject instead of strictObject. NestJS: no forbidNonWhitelisted here. JSON Schema: no additionalProperties: false.",
    requests: (secret) => {
      const extra = { future_field: { list: [1, "two", null] } };
      const attempt = { smtp_code: 0, classification: "BrandNewBucket", ...extra };
      const event = createPlainEvent("message.bounced", { delivery_attempt: attempt, ...extra });
      return [signRequest(secret, { ...event, ...extra })];
    },
  }),
  expectAcknowledged({
    name: "bodies/null-attempt",
    sent: "a bounce with delivery_attempt: null, and one without the field",
    source: DATA,
    fix: "Expect delivery_attempt to be an object, null or absent: write data.delivery_attempt?.classification, and allow all three in validators.",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.bounced", { delivery_attempt: null }), { label: "null" }),
      signRequest(secret, createPlainEvent("message.bounced", { delivery_attempt: undefined }), {
        label: "absent",
      }),
    ],
  }),
  expectAcknowledged({
    name: "bodies/absent-fields",
    sent: "older deliveries, without is_bot, webhook_id and some header fields of an inbound e-mail",
    source: ENVELOPE,
    fix: "Make is_bot, webhook_id, content_id, disposition, reply_to, spam_score and the header fields optional: older deliveries lack them.",
    requests: (secret) => {
      const header = { reply_to: undefined, spam_score: undefined, cc: undefined, references: undefined };
      const old = { ...createPlainEvent("message.opened", { is_bot: undefined }), webhook_id: undefined };
      return [signRequest(secret, old), signRequest(secret, createPlainEvent("message.routing", header))];
    },
  }),
  expectAcknowledged({
    name: "bodies/fractional-seconds",
    sent: "timestamps with 3, 6 and 9 fractional digits",
    source: ENVELOPE,
    fix: "Accept RFC 3339 timestamps with up to nine fractional digits: keep the string, or cut it to milliseconds before a strict parser reads it.",
    requests: (secret) =>
      ["123", "123456", "123456789"].map((digits) =>
        signRequest(secret, { ...createPlainEvent(), timestamp: `2026-07-14T15:03:21.${digits}Z` }),
      ),
  }),
  expectAcknowledged({
    name: "bodies/null-attachments",
    sent: "an inbound e-mail with attachments: null, and one with an empty list",
    source: ROUTING,
    fix: "Read data.attachments ?? []: Go writes null for an empty list.",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.routing", { attachments: null }), { label: "null" }),
      signRequest(secret, createPlainEvent("message.routing", { attachments: [] }), {
        label: "an empty list",
      }),
    ],
  }),
  expectEscapedAcknowledged({
    name: "bodies/named-sender",
    sent: "a sender with a name: Campaigns <news@example.com>",
    source: DATA,
    fix: "Do not validate from as an e-mail address: it is the text of a header.",
    requests: (secret) => [
      signRequest(secret, createPlainEvent("message.bounced", { from: "Campaigns <news@example.com>" })),
    ],
  }),
  expectEscapedAcknowledged({
    name: "bodies/recorded",
    sent: "recorded deliveries, with the bytes that AhaSend's serializer wrote",
    source: "contract/vectors.json",
    fix: "Compare the delivery of this name in contract/vectors.json with what your handler expects: the receiver's log says where it failed.",
    requests: (secret) =>
      vectors
        // Unknown types and the deprecated name have their own checks.
        .filter(({ body }) => eventTypes.some((type) => body.startsWith(`{"type":"${type}"`)))
        .map(({ name, body }) => signRequest(secret, body, { label: name })),
  }),
];

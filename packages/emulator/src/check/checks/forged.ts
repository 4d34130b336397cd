import { createHmac } from "node:crypto";

import type { Check } from "../check.js";
import { contract } from "../contract-source.js";
import { type Message, secondsFromNow, signed, withHeaders, withSignature } from "../probe/check-request.js";
import { type Row, refuses } from "./request-check.js";

const REQUEST = contract("“The request”");
const COMPARE =
  "Compute HMAC-SHA256 over `${id}.${timestamp}.` and the raw body with the whole secret as text, and refuse unless a v1 entry equals it.";
const SHAPE =
  "Compare the text of the header, `v1,` and 44 characters of standard base64, with the one you expect (timingSafeEqual), instead of decoding it: Node's decoder takes almost anything.";
const VERSION =
  "Only entries that begin with `v1,` may match: what another version means is not known, and what has none is no signature.";

const forgery = (
  name: string,
  sent: string,
  cure: string,
  forge: (genuine: Message, secret: string) => Message,
) =>
  refuses({
    ...rowOf(name, sent, cure),
    messages: (secret) => [forge(signed(secret), secret)],
  });

const rowOf = (name: string, sent: string, cure: string): Omit<Row, "messages"> => ({
  name: `forged/${name}`,
  sent,
  cure,
  source: REQUEST,
});

/** What must be refused, whoever sends it. */
export const forgedChecks: readonly Check[] = [
  forgery("wrong-secret", "a delivery signed with another secret", COMPARE, (_genuine, secret) =>
    signed(`${secret}x`),
  ),
  forgery("flipped-bit", "a body with one bit changed after it was signed", COMPARE, flipBit),
  forgery("other-id", "a delivery with the signature of another id", COMPARE, (genuine) =>
    withHeaders(genuine, { "webhook-id": `${genuine.headers["webhook-id"]}x` }),
  ),
  forgery("other-timestamp", "a delivery with a newer timestamp than the signed one", COMPARE, (genuine) =>
    withHeaders(genuine, { "webhook-timestamp": secondsFromNow(1) }),
  ),
  ...["webhook-id", "webhook-timestamp", "webhook-signature"].map((header) =>
    forgery(
      `no-${header}`,
      `a delivery without ${header}`,
      `Refuse what has no ${header}: a check that is skipped when a header is missing is no check.`,
      (genuine) => withHeaders(genuine, { [header]: undefined }),
    ),
  ),
  forgery(
    "unsigned",
    "a body without any of the three headers",
    "Refuse what is not signed, in development too.",
    (genuine) => ({
      headers: { "content-type": "application/json" },
      body: genuine.body,
    }),
  ),
  forgery("no-version", "the right signature without its version", VERSION, (genuine) =>
    withSignature(genuine, (signature) => signature.slice("v1,".length)),
  ),
  forgery("other-version", "the right signature as one of version v2", VERSION, (genuine) =>
    withSignature(genuine, (signature) => signature.replace("v1,", "v2,")),
  ),
  refuses({
    ...rowOf(
      "decoded-secret",
      "deliveries signed with the secret decoded from base64, or without its prefix",
      'The key is the text of the whole secret, prefix and all, as UTF-8: nothing is stripped or decoded. The standardwebhooks package decodes unless it is told otherwise: new Webhook(secret, { format: "raw" }).',
    ),
    messages: (secret) =>
      otherKeys(secret).map(({ what, key }) => ({ ...withKey(signed(secret), key), what })),
  }),
  refuses({
    ...rowOf("url-safe-base64", "the right signature in url-safe base64", SHAPE),
    isAdvice: true,
    messages: (secret) => [urlSafe(secret)],
  }),
  refuses({
    ...rowOf("unpadded-base64", "the right signature without its padding", SHAPE),
    isAdvice: true,
    messages: (secret) => [withSignature(signed(secret), (signature) => signature.replace(/=+$/, ""))],
  }),
];

function flipBit(message: Message): Message {
  const body = Buffer.from(message.body);
  // A digit of the year: the JSON stays JSON.
  const at = body.indexOf('"timestamp":"') + '"timestamp":"'.length + 3;
  body[at] = (body[at] ?? 0) ^ 1;
  return { ...message, body };
}

/** A signature that url-safe base64 writes in another way: nearly every second one does. */
function urlSafe(secret: string): Message {
  for (;;) {
    const message = signed(secret);
    const safe = withSignature(message, (signature) => signature.replaceAll("+", "-").replaceAll("/", "_"));
    if (safe.headers["webhook-signature"] !== message.headers["webhook-signature"]) return safe;
  }
}

/** The keys that libraries of other senders would make of a secret. */
function otherKeys(secret: string): { what: string; key: Buffer }[] {
  const bare = secret.replace(/^(aha-)?(whsec|rsec)[-_]/, "");
  const keys = [
    { what: "the secret decoded", key: Buffer.from(secret, "base64") },
    { what: "the secret decoded without its prefix", key: Buffer.from(bare, "base64") },
    { what: "the secret without its prefix", key: Buffer.from(bare) },
  ];
  return bare === secret ? keys.slice(0, 1) : keys;
}

function withKey(message: Message, key: Buffer): Message {
  const { "webhook-id": id, "webhook-timestamp": timestamp } = message.headers;
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(message.body).digest("base64");
  return withHeaders(message, { "webhook-signature": `v1,${mac}` });
}

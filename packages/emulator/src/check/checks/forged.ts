import { createHmac } from "node:crypto";

import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import {
  type CheckRequest,
  signRequest,
  timestampFromNow,
  withHeaders,
  withSignature,
} from "../probe/check-request.js";
import { type RequestCheck, expectRefused } from "./request-check.js";

const REQUEST = contractSource("The request");
const COMPARE =
  "Compute HMAC-SHA256 over `${id}.${timestamp}.` and the raw body, with the whole secret string as the key, and refuse the delivery unless a v1 entry is equal to it.";
const SHAPE =
  "Compare the entry as a string, `v1,` and 44 characters of standard base64, with the one you expect (timingSafeEqual) instead of decoding it: Node.js decodes almost anything.";
const VERSION =
  "Match only entries that begin with `v1,`: other versions are undefined, and an entry without a version is not a signature.";

const createForgery = (
  name: string,
  sent: string,
  fix: string,
  forge: (genuine: CheckRequest, secret: string) => CheckRequest,
) =>
  expectRefused({
    ...describeForgery(name, sent, fix),
    requests: (secret) => [forge(signRequest(secret), secret)],
  });

const describeForgery = (name: string, sent: string, fix: string): Omit<RequestCheck, "requests"> => ({
  name: `forged/${name}`,
  sent,
  fix,
  source: REQUEST,
});

/** Forged deliveries, which must be refused. */
export const forgedChecks: readonly Check[] = [
  createForgery(
    "wrong-secret",
    "a delivery that is signed with another secret",
    COMPARE,
    (_genuine, secret) => signRequest(`${secret}x`),
  ),
  createForgery("flipped-bit", "a body of which one bit was changed after signing", COMPARE, flipBit),
  createForgery("other-id", "a delivery with the signature of another id", COMPARE, (genuine) =>
    withHeaders(genuine, { "webhook-id": `${genuine.headers["webhook-id"]}x` }),
  ),
  createForgery(
    "other-timestamp",
    "a delivery whose timestamp is newer than the signed one",
    COMPARE,
    (genuine) => withHeaders(genuine, { "webhook-timestamp": timestampFromNow(1) }),
  ),
  ...["webhook-id", "webhook-timestamp", "webhook-signature"].map((header) =>
    createForgery(
      `no-${header}`,
      `a delivery without ${header}`,
      `Refuse a delivery without ${header}: a verification that is skipped when a header is missing protects nothing.`,
      (genuine) => withHeaders(genuine, { [header]: undefined }),
    ),
  ),
  createForgery(
    "unsigned",
    "a body without any of the three headers",
    "Refuse unsigned deliveries, in development too.",
    (genuine) => ({
      headers: { "content-type": "application/json" },
      body: genuine.body,
    }),
  ),
  createForgery("no-version", "the valid signature without its version", VERSION, (genuine) =>
    withSignature(genuine, (signature) => signature.slice("v1,".length)),
  ),
  createForgery("other-version", "the valid signature with the version v2", VERSION, (genuine) =>
    withSignature(genuine, (signature) => signature.replace("v1,", "v2,")),
  ),
  expectRefused({
    ...describeForgery(
      "decoded-secret",
      "deliveries that are signed with the base64-decoded secret, or with the secret without its prefix",
      'Use the whole secret string as the key, prefix included, in UTF-8: do not strip or decode anything. With the standardwebhooks package, which decodes it by default: new Webhook(secret, { format: "raw" }).',
    ),
    requests: (secret) =>
      deriveWrongKeys(secret).map(({ what, key }) => ({ ...withKey(signRequest(secret), key), what })),
  }),
  expectRefused({
    ...describeForgery("url-safe-base64", "the valid signature in URL-safe base64", SHAPE),
    isAdvice: true,
    requests: (secret) => [signUrlSafe(secret)],
  }),
  expectRefused({
    ...describeForgery("unpadded-base64", "the valid signature without its padding", SHAPE),
    isAdvice: true,
    requests: (secret) => [withSignature(signRequest(secret), (signature) => signature.replace(/=+$/, ""))],
  }),
];

function flipBit(message: CheckRequest): CheckRequest {
  const body = Buffer.from(message.body);
  // A digit of the year, so the body remains JSON.
  const at = body.indexOf('"timestamp":"') + '"timestamp":"'.length + 3;
  body[at] = (body[at] ?? 0) ^ 1;
  return { ...message, body };
}

/** Creates a delivery whose signature differs in URL-safe base64: nearly every second one does. */
function signUrlSafe(secret: string): CheckRequest {
  for (;;) {
    const message = signRequest(secret);
    const safe = withSignature(message, (signature) => signature.replaceAll("+", "-").replaceAll("/", "_"));
    if (safe.headers["webhook-signature"] !== message.headers["webhook-signature"]) return safe;
  }
}

/** Returns the keys that libraries of other senders derive from a secret. */
function deriveWrongKeys(secret: string): { what: string; key: Buffer }[] {
  const bare = secret.replace(/^(aha-)?(whsec|rsec)[-_]/, "");
  const keys = [
    { what: "the secret decoded", key: Buffer.from(secret, "base64") },
    { what: "the secret decoded without its prefix", key: Buffer.from(bare, "base64") },
    { what: "the secret without its prefix", key: Buffer.from(bare) },
  ];
  return bare === secret ? keys.slice(0, 1) : keys;
}

function withKey(message: CheckRequest, key: Buffer): CheckRequest {
  const { "webhook-id": id, "webhook-timestamp": timestamp } = message.headers;
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(message.body).digest("base64");
  return withHeaders(message, { "webhook-signature": `v1,${mac}` });
}

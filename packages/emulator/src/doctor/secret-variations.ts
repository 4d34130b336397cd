import type { Variation } from "./variants.js";

/** The prefixes of AhaSend's secrets: of webhooks, and of inbound routes. */
const PREFIXES = ["aha-whsec-", "aha-rsec-"];
const ANY_PREFIX = /^(aha-whsec-|aha-rsec-|whsec_)/;

/** The ways in which secrets are altered between the dashboard and the code. */
export const secretVariations: readonly Variation[] = [
  {
    code: "secret_padded",
    message: "The secret has white space around it, such as a line break: remove it.",
    undo: (secret) => [Buffer.from(secret.toString().trim())],
  },
  {
    code: "secret_quoted",
    message: "The secret has quotation marks around it: remove them, they are not part of it.",
    undo: (secret) => /^(["'`])(.+)\1$/.exec(secret.toString())?.slice(2).map(toBytes) ?? [],
  },
  {
    code: "secret_prefix_missing",
    message: "The secret lacks its prefix, aha-whsec- or aha-rsec-: use the complete secret.",
    undo: (secret) =>
      ANY_PREFIX.test(secret.toString()) ? [] : PREFIXES.map((prefix) => toBytes(prefix + secret.toString())),
  },
  {
    code: "secret_base64_decoded",
    message:
      'It was signed with the base64-decoded secret, as Standard Webhooks senders do by default, but AhaSend does not. To accept such a sender, set secretFormat to "base64".',
    undo(secret) {
      const text = secret.toString();
      return [text.replace(ANY_PREFIX, ""), text].filter(isBase64).map((part) => Buffer.from(part, "base64"));
    },
  },
  {
    code: "secret_prefix_stripped",
    message:
      "It was signed with the secret without its prefix: make the sender use the complete secret, as AhaSend does.",
    undo: (secret) =>
      ANY_PREFIX.test(secret.toString()) ? [toBytes(secret.toString().replace(ANY_PREFIX, ""))] : [],
  },
];

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}

/** Accepts both alphabets, with or without padding, as lenient decoders do. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
}

import type { Variation } from "./variants.js";

/** How AhaSend's secrets begin: those of webhooks, and those of routes. */
const PREFIXES = ["aha-whsec-", "aha-rsec-"];
const ANY_PREFIX = /^(aha-whsec-|aha-rsec-|whsec_)/;

/** What goes wrong with secrets between the dashboard and the code. */
export const secretVariations: readonly Variation[] = [
  {
    code: "secret_padded",
    message: "The secret was given with white space around it, such as a line break: remove it.",
    undo: (secret) => [Buffer.from(secret.toString().trim())],
  },
  {
    code: "secret_quoted",
    message: "The secret was given with quotation marks around it: remove them, they are not part of it.",
    undo: (secret) => /^(["'`])(.+)\1$/.exec(secret.toString())?.slice(2).map(toBytes) ?? [],
  },
  {
    code: "secret_prefix_missing",
    message: "The secret was given without its beginning, aha-whsec- or aha-rsec-: give the whole of it.",
    undo: (secret) =>
      ANY_PREFIX.test(secret.toString()) ? [] : PREFIXES.map((prefix) => toBytes(prefix + secret.toString())),
  },
  {
    code: "secret_base64_decoded",
    message:
      'It was signed with the base64-decoded secret, as stock Standard Webhooks senders do and AhaSend does not: if you want that sender, set secretFormat to "base64".',
    undo(secret) {
      const text = secret.toString();
      return [text.replace(ANY_PREFIX, ""), text].filter(isBase64).map((part) => Buffer.from(part, "base64"));
    },
  },
  {
    code: "secret_prefix_stripped",
    message:
      "It was signed with the secret without its beginning, and AhaSend signs with the whole of it: have the sender do the same.",
    undo: (secret) =>
      ANY_PREFIX.test(secret.toString()) ? [toBytes(secret.toString().replace(ANY_PREFIX, ""))] : [],
  },
];

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}

/** Both alphabets, padded or not: what a lenient decoder takes. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
}

import type { DiagnosisProblem } from "./diagnosis.js";

/** A digest in a signature header, in any form. */
export interface SignatureEntry {
  digest: Buffer;
  problems: readonly DiagnosisProblem[];
}

const V1_ENTRY = /^v1,[A-Za-z0-9+/]{43}=$/;
const HEX = /[0-9a-f]{64}$/i;
const ANY_BASE64 = /[A-Za-z0-9+/_-]{43}=?$/;

/** Parses everything in a signature header that may be an HMAC-SHA256 digest, the well-formed entries first. */
export function parseSignatureEntries(header: string): SignatureEntry[] {
  const parts = header.split(" ");
  const wellFormed = parts.filter((part) => V1_ENTRY.test(part));
  // A sender that writes malformed entries may not separate them properly either.
  const others = parts
    .filter((part) => !wellFormed.includes(part))
    .join(" ")
    .split(/[\s;]+|,(?=\s|v[0-9]|$)/);
  return [
    ...wellFormed.map((entry) => ({
      digest: Buffer.from(entry.slice("v1,".length), "base64"),
      problems: [],
    })),
    ...others.flatMap(parseMalformedEntry),
  ];
}

function parseMalformedEntry(text: string): SignatureEntry[] {
  const hex = HEX.exec(text)?.[0];
  if (hex !== undefined) return [createMalformedEntry(Buffer.from(hex, "hex"), "is hexadecimal")];
  const base64 = ANY_BASE64.exec(text)?.[0];
  if (base64 === undefined) return [];
  const digest = Buffer.from(base64, "base64");
  const isStandard = digest.toString("base64") === base64;
  return [
    createMalformedEntry(
      digest,
      isStandard ? 'does not begin with "v1,"' : "is not standard base64 with its padding",
    ),
  ];
}

function createMalformedEntry(digest: Buffer, what: string): SignatureEntry {
  const message = `The signature is valid, but its entry ${what}: make the sender write "v1," and the digest in standard base64.`;
  return { digest, problems: [{ code: "malformed_signature", message }] };
}

import { isUtf8 } from "node:buffer";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

import { serialize } from "@ahasend-webhooks/testing";

import type { Variation } from "./variants.js";

/** As large as a body may be. */
const MAX_BODY_BYTES = 30_000_000;
const BOM = "\ufeff";

/** What goes wrong with bodies between the sender and whoever verifies them. */
export const bodyVariations: readonly Variation[] = [
  {
    code: "body_with_bom",
    message: "The body begins with a byte order mark that was not signed: save it without one.",
    undo: (body) => (decodeUtf8(body).startsWith(BOM) ? [body.subarray(Buffer.byteLength(BOM))] : []),
  },
  {
    code: "body_line_break_added",
    message:
      "The body ends with a line break that was not signed: save it without one (printf instead of echo, no final newline in the editor).",
    undo: (body) => [toBytes(decodeUtf8(body).replace(/[\r\n]+$/, ""))],
  },
  {
    code: "body_line_break_lost",
    message:
      "The line break at the end of the signed body is lost: keep it (curl: --data-binary instead of -d).",
    undo: (body) => [Buffer.concat([body, Buffer.from("\n")])],
  },
  {
    code: "body_line_ends",
    message: "The line ends of the body were changed between LF and CRLF: keep them as they came.",
    undo(body) {
      const lf = decodeUtf8(body).replaceAll("\r\n", "\n");
      return [lf, lf.replaceAll("\n", "\r\n")].map(toBytes);
    },
  },
  {
    code: "body_latin1",
    message:
      "The body was read as Latin-1 and written as UTF-8 (Ã¼ for ü): keep it as bytes, or read it as UTF-8.",
    undo: (body) => (/^[\0-\xff]*$/.test(decodeUtf8(body)) ? [Buffer.from(decodeUtf8(body), "latin1")] : []),
  },
  {
    code: "body_utf16",
    message:
      "The body was saved as UTF-16, as PowerShell's > does: save it as UTF-8 without a byte order mark.",
    undo: (body) => (body[0] === 0xff && body[1] === 0xfe ? [toBytes(body.toString("utf16le", 2))] : []),
  },
  {
    code: "body_base64",
    message: "The body is base64, as API gateways hand it over: decode it before you verify it.",
    undo: (body) =>
      /^[A-Za-z0-9+/]+={0,2}\s*$/.test(decodeUtf8(body)) ? [Buffer.from(decodeUtf8(body), "base64")] : [],
  },
  {
    code: "body_stringified_twice",
    message: "The body is a JSON string that holds the signed one: it was stringified twice, leave that out.",
    undo(body) {
      const inner: unknown = JSON.parse(decodeUtf8(body));
      return typeof inner === "string" ? [toBytes(inner)] : [];
    },
  },
  {
    code: "body_compressed",
    message:
      "The body was compressed after it had been signed, and AhaSend never does that: check the proxy in front.",
    undo: (body) =>
      [gunzipSync, inflateSync, brotliDecompressSync].flatMap((decompress) => {
        try {
          return [decompress(body, { maxOutputLength: MAX_BODY_BYTES })];
        } catch {
          return [];
        }
      }),
  },
  // The last ones undo others too, and would tell less.
  {
    code: "body_rewritten",
    message:
      "The body was parsed and written anew, and lost the spacing or the escapes that were signed: verify the untouched bytes, in front of every body parser.",
    undo: (body) => [toBytes(serialize(JSON.parse(decodeUtf8(body))))],
  },
  {
    code: "body_unescaped",
    message:
      "What was signed is the body as JSON.stringify writes it, and it was sent written otherwise: have the sender sign the very bytes it sends, as AhaSend does.",
    undo: (body) => [toBytes(JSON.stringify(JSON.parse(decodeUtf8(body))))],
  },
];

/** @throws {TypeError} for bytes that are no text */
function decodeUtf8(body: Buffer): string {
  if (!isUtf8(body)) throw new TypeError("no text");
  return body.toString();
}

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}

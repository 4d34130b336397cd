import { isUtf8 } from "node:buffer";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

import { contract } from "@ahasend-webhooks/core/contract";
import { serialize } from "@ahasend-webhooks/testing";

import type { Variation } from "./variants.js";

const BOM = "\ufeff";

/** The ways in which bodies are altered between the sender and the verification. */
export const bodyVariations: readonly Variation[] = [
  {
    code: "body_with_bom",
    message: "The body begins with a byte order mark that was not signed: save it without one.",
    undo: (body) => (decodeUtf8(body).startsWith(BOM) ? [body.subarray(Buffer.byteLength(BOM))] : []),
  },
  {
    code: "body_line_break_added",
    message:
      "The body ends with a line break that was not signed: save it without one (printf instead of echo; no final newline in the editor).",
    undo: (body) => [toBytes(decodeUtf8(body).replace(/[\r\n]+$/, ""))],
  },
  {
    code: "body_line_break_lost",
    message:
      "The signed body ends with a line break, which is lost: keep it (curl: --data-binary instead of -d).",
    undo: (body) => [Buffer.concat([body, Buffer.from("\n")])],
  },
  {
    code: "body_line_ends",
    message: "The line endings of the body were converted between LF and CRLF: keep them as they arrived.",
    undo(body) {
      const lf = decodeUtf8(body).replaceAll("\r\n", "\n");
      return [lf, lf.replaceAll("\n", "\r\n")].map(toBytes);
    },
  },
  {
    code: "body_latin1",
    message:
      "The body was decoded as Latin-1 and encoded as UTF-8 (Ã¼ for ü): keep the bytes, or decode it as UTF-8.",
    undo: (body) => (/^[\0-\xff]*$/.test(decodeUtf8(body)) ? [Buffer.from(decodeUtf8(body), "latin1")] : []),
  },
  {
    code: "body_utf16",
    message:
      "The body was saved as UTF-16, for example by PowerShell's >: save it as UTF-8 without a byte order mark.",
    undo: (body) => (body[0] === 0xff && body[1] === 0xfe ? [toBytes(body.toString("utf16le", 2))] : []),
  },
  {
    code: "body_base64",
    message: "The body is base64, as some API gateways pass it on: decode it before you verify it.",
    undo: (body) =>
      /^[A-Za-z0-9+/]+={0,2}\s*$/.test(decodeUtf8(body)) ? [Buffer.from(decodeUtf8(body), "base64")] : [],
  },
  {
    code: "body_stringified_twice",
    message:
      "The body is a JSON string that contains the signed body: it was stringified twice, so remove the second JSON.stringify.",
    undo(body) {
      const inner: unknown = JSON.parse(decodeUtf8(body));
      return typeof inner === "string" ? [toBytes(inner)] : [];
    },
  },
  {
    code: "body_compressed",
    message:
      "The body was compressed after signing, which AhaSend never does: check the proxy in front of the receiver.",
    undo: (body) =>
      [gunzipSync, inflateSync, brotliDecompressSync].flatMap((decompress) => {
        try {
          return [decompress(body, { maxOutputLength: contract.maxBodyBytes })];
        } catch {
          return [];
        }
      }),
  },
  // Last, because they undo some of the others as well, and are less specific.
  {
    code: "body_rewritten",
    message:
      "The body was parsed and serialized again, which changed its spacing or escapes: verify the untouched bytes, ahead of every body parser.",
    undo: (body) => [toBytes(serialize(JSON.parse(decodeUtf8(body))))],
  },
  {
    code: "body_unescaped",
    message:
      "The sender signed the body as JSON.stringify writes it, but sent other bytes: make it sign the exact bytes that it sends, as AhaSend does.",
    undo: (body) => [toBytes(JSON.stringify(JSON.parse(decodeUtf8(body))))],
  },
];

/** @throws {TypeError} for bytes that are not UTF-8 */
function decodeUtf8(body: Buffer): string {
  if (!isUtf8(body)) throw new TypeError("not UTF-8");
  return body.toString();
}

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}

import { randomBytes } from "node:crypto";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";

import { sign } from "@ahasend-webhooks/core";

import type { OutgoingRequest } from "../transport/outgoing-request.js";
import { isRequestFault } from "../faults/assert-faults.js";
import type { Fault, RequestFault } from "../faults/faults.js";

/** What an attempt is made of. */
export interface RequestParts {
  url: string;
  secret: string;
  /** The header `webhook-id`. */
  id: string;
  body: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Which attempt it is, from 1. */
  number: number;
  faults: readonly Fault[];
}

/** A request on its way to be signed, and then to be sent. */
interface Draft {
  timestamp: number;
  secrets: string[];
  request: OutgoingRequest;
}

/** Signs an attempt as AhaSend does, and spoils it as its faults say. */
export function signRequest({ url, secret, id, body, at, number, faults }: RequestParts): OutgoingRequest {
  const spoiling = faults.filter(isRequestFault).filter(({ attempts = Infinity }) => number <= attempts);
  const request: OutgoingRequest = { method: "POST", url, headers: {}, body, uploadSeconds: 0 };
  const draft: Draft = { timestamp: Math.floor(at / 1000), secrets: [secret], request };
  for (const fault of spoiling) beforeSigning(draft, fault);
  const { timestamp } = draft;
  request.headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": draft.secrets.map((secret) => sign({ secret, id, timestamp, body })).join(" "),
  };
  for (const fault of spoiling) afterSigning(request, fault);
  request.headers["content-length"] = String(Buffer.byteLength(request.body));
  return request;
}

function beforeSigning(draft: Draft, fault: RequestFault): void {
  if (fault.kind === "timestamp") draft.timestamp += Math.round(fault.offsetSeconds);
  if (fault.kind === "wrong_secret") draft.secrets = [createSecret()];
  if (fault.kind === "rotated_secret") draft.secrets.unshift(createSecret());
}

function afterSigning(request: OutgoingRequest, fault: RequestFault): void {
  const { headers } = request;
  const signature = headers["webhook-signature"] ?? "";
  if (fault.kind === "unsigned") delete headers["webhook-signature"];
  if (fault.kind === "unknown_version") {
    headers["webhook-signature"] = signature.replaceAll(/\bv1,/g, `${fault.version ?? "v2"},`);
  }
  if (fault.kind === "extra_signatures") {
    const unknown = randomBytes(64).toString("base64");
    headers["webhook-signature"] = `v1a,${unknown} v2,${unknown} v1,tooshort malformed ${signature}`;
  }
  if (fault.kind === "truncated_body") {
    const bytes = Buffer.from(request.body);
    request.body = bytes.subarray(0, fault.bytes ?? Math.floor(bytes.length / 2));
  }
  if (fault.kind === "slow_upload") request.uploadSeconds = fault.seconds;
  if (fault.kind === "content_encoding") {
    request.body = compress[fault.encoding](request.body);
    headers["content-encoding"] = fault.encoding;
  }
}

// The default quality of brotli takes a minute for the largest bodies.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const compress = {
  gzip: (body: string | Uint8Array) => gzipSync(body),
  deflate: (body: string | Uint8Array) => deflateSync(body),
  br: (body: string | Uint8Array) => brotliCompressSync(body, brotliOptions),
};

function createSecret(): string {
  return `aha-whsec-${randomBytes(24).toString("base64url")}`;
}

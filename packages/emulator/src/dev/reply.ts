import type { ServerResponse } from "node:http";

/** A reply of the dev server. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** Headers of every reply. The page loads everything from this server, and nothing is inline. */
export const safetyHeaders = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // The worker that indents large bodies; see web/src/pretty.
    "trusted-types default",
  ].join("; "),
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Creates a JSON reply. */
export function jsonReply(status: number, value: unknown): Reply {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  };
}

/** Creates a reply of bytes that the browser must never execute. */
export function bytesReply(body: string | Uint8Array): Reply {
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
}

/** Writes a reply. */
export function writeReply(response: ServerResponse, { status, headers, body }: Reply): void {
  const length = { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...safetyHeaders, ...headers, ...length }).end(body);
}

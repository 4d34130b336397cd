import { contract } from "@ahasend-webhooks/core/contract";

import { readReplyBytes } from "../../transport/received-reply.js";
import { describeError } from "../../transport/describe-error.js";
import type { NetworkAccess } from "../../transport/network-access.js";
import { openRequest } from "../../transport/open-request.js";
import type { HeaderList } from "./parse-headers.js";
import type { RecordedRequest } from "./recording.js";

/** The outcome of a forwarded request. */
export type Forwarded = { latencyMs: number } & (AppReply | { error: { code: string; message: string } });

/** The app's reply. */
interface AppReply {
  status: number;
  headers: HeaderList;
  /** Its beginning, if it is long. */
  body: Buffer;
  isCut: boolean;
}

/** AhaSend only looks at the status: the body is for the user. */
const MAX_REPLY_BYTES = 1_000_000;

/** Options of {@link forward}. */
export interface ForwardOptions extends NetworkAccess {
  to: string;
  /** Aborts the request. */
  signal: AbortSignal;
}

/** Headers of one connection, which are not forwarded (RFC 9110); the length is computed again. */
const CONNECTION_HEADERS = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const TIMEOUT_MS = 30_000;
const timedOut = {
  code: "timeout",
  message: `No reply within ${TIMEOUT_MS / 1000} s: reply sooner, because AhaSend gives up after ${contract.attemptTimeoutSeconds} s.`,
};

/**
 * Forwards a request to another URL, with the same method, headers and bytes. Does not follow redirects. Never
 * rejects: the result contains the error.
 */
export async function forward(
  request: Pick<RecordedRequest, "method" | "headers" | "body">,
  options: ForwardOptions,
): Promise<Forwarded> {
  const startedAt = performance.now();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = AbortSignal.any([options.signal, timeout]);
  const result = await exchange(request, { ...options, signal }).catch((error: unknown) => ({
    error: timeout.aborted ? timedOut : describeError(error),
  }));
  return { ...result, latencyMs: performance.now() - startedAt };
}

async function exchange(
  { method, headers, body }: Pick<RecordedRequest, "method" | "headers" | "body">,
  { to, allowRemote, insecure, signal }: ForwardOptions,
): Promise<AppReply> {
  const url = new URL(to);
  const hasBody = body.length > 0 || (method !== "GET" && method !== "HEAD");
  const length = hasBody ? ["Content-Length", String(body.length)] : [];
  const request = openRequest({
    url,
    method,
    headers: ["Host", url.host, ...withoutConnectionHeaders(headers).flat(), ...length],
    signal,
    allowRemote,
    insecure,
  });
  let hasReplied = false;
  return new Promise((resolve, reject) => {
    // Errors after the reply do not matter: an app may reply and close before it has read everything.
    request.on("error", (error) => void (hasReplied || reject(error)));
    request.on("response", (response) => {
      hasReplied = true;
      const { statusCode: status = 0, rawHeaders } = response;
      void readReplyBytes(response, MAX_REPLY_BYTES, MAX_REPLY_BYTES).then(({ bytes: body, isCut }) =>
        resolve({ status, headers: withoutConnectionHeaders(toHeaderList(rawHeaders)), body, isCut }),
      );
    });
    request.on(
      "close",
      () => void (hasReplied || reject(new Error("The connection was closed without a reply."))),
    );
    request.end(body);
  });
}

/** Converts Node's flat list of names and values to pairs. */
export function toHeaderList(rawHeaders: readonly string[]): HeaderList {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : [],
  );
}

function withoutConnectionHeaders(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !CONNECTION_HEADERS.includes(name.toLowerCase()));
}

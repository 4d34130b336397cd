import { readReplyBytes } from "../../transport/received-reply.js";
import { describeError } from "../../transport/describe-error.js";
import type { NetworkAccess } from "../../transport/network-access.js";
import { openRequest } from "../../transport/open-request.js";
import type { HeaderList } from "./parse-headers.js";
import type { RecordedRequest } from "./recording.js";

/** What came of a request that was passed on. */
export type Forwarded = { latencyMs: number } & (AppReply | { error: { code: string; message: string } });

/** The app's answer. */
interface AppReply {
  status: number;
  headers: HeaderList;
  /** Of a long one the beginning. */
  body: Buffer;
  isCut: boolean;
}

/** AhaSend looks at the status only: this is for whoever reads along. */
const MAX_REPLY_BYTES = 1_000_000;

/** How a request is passed on. */
export interface ForwardOptions extends NetworkAccess {
  to: string;
  /** Breaks it off. */
  signal: AbortSignal;
}

/** What belongs to one connection, and is not passed on (RFC 9110); the length is written anew. */
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
  message: `There was no answer within ${TIMEOUT_MS / 1000} s, and AhaSend gives up at 5: answer earlier.`,
};

/**
 * Passes a request on: the same method, headers and bytes, to another URL. A redirect is an answer like any other.
 * Never rejects: what goes wrong is in the result.
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
  let answered = false;
  return new Promise((resolve, reject) => {
    // Errors after the answer do not matter: an app may answer and close before it has read everything.
    request.on("error", (error) => void (answered || reject(error)));
    request.on("response", (response) => {
      answered = true;
      const { statusCode: status = 0, rawHeaders } = response;
      void readReplyBytes(response, MAX_REPLY_BYTES, MAX_REPLY_BYTES).then(({ bytes: body, isCut }) =>
        resolve({ status, headers: withoutConnectionHeaders(toHeaderList(rawHeaders)), body, isCut }),
      );
    });
    request.on(
      "close",
      () => void (answered || reject(new Error("The connection was closed without an answer."))),
    );
    request.end(body);
  });
}

/** Node's flat list of names and values in pairs. */
export function toHeaderList(rawHeaders: readonly string[]): HeaderList {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : [],
  );
}

function withoutConnectionHeaders(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !CONNECTION_HEADERS.includes(name.toLowerCase()));
}

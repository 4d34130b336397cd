import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import { WebhookError, refuse } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";
import { writeReply } from "@ahasend-webhooks/core/node";

import { describeError } from "../../transport/describe-error.js";
import { readBody } from "../../transport/read-body.js";
import { type Forwarded, toHeaderList } from "./forward.js";
import type { Inspector, Verdict } from "./inspector.js";
import type { RecordedRequest } from "./recording.js";

/** A request that got its reply, and the outcome. */
export interface Arrival {
  request: RecordedRequest;
  verdict: Verdict;
  forwarded: Forwarded | undefined;
  /** `undefined` when nothing is recorded. */
  recorded: RecordResult | undefined;
}

/** The result of recording a request. */
export interface RecordResult {
  isRecorded: boolean;
  /** Where it was recorded, or why not. */
  note?: string;
}

/** Options of {@link createListener}. */
export interface ListenerParts {
  inspect: Inspector;
  /** Called before the reply. */
  onRequest: (request: RecordedRequest, verdict: Verdict) => RecordResult | undefined;
  /** Forwards a request; its reply is then the reply of the listener. */
  forward?: ((request: RecordedRequest) => Promise<Forwarded>) | undefined;
  /** Called when handling a request fails. */
  onError: (error: unknown) => void;
  /** Called after the reply. */
  onReply: (arrival: Arrival) => void;
}

/** The number of large bodies at the same time: anyone can send them through a tunnel. */
const MAX_BODIES = 10;

/** Creates a listener for `node:http` that inspects every request, and replies or forwards it. */
export function createListener(parts: ListenerParts): RequestListener {
  const { inspect, onRequest, forward, onReply, onError } = parts;
  let bodies = 0;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (bodies >= MAX_BODIES && !isSmall(incoming))
      return writeReply(incoming, response, refuse(createOverloadedError()));
    bodies += 1;
    try {
      await take(incoming, response);
    } finally {
      bodies -= 1;
    }
  }

  async function take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming).catch(() => null);
    // The sender has disconnected.
    if (body === null) return;
    if (body === undefined) return writeReply(incoming, response, refuse(createTooLargeError()));
    const { method = "", url = "", rawHeaders } = incoming;
    const request = { receivedAt: new Date(), method, url, headers: toHeaderList(rawHeaders), body };
    const verdict = await inspect(request);
    const recorded = onRequest(request, verdict);
    let forwarded = await forward?.(request);
    if (forwarded === undefined) await writeReply(incoming, response, verdict.reply);
    else forwarded = replyWith(response, forwarded);
    onReply({ request, verdict, forwarded, recorded });
  }

  return (incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      response.destroy();
      onError(error);
    });
  };
}

/** Passes on the reply of the app; 502 if it did not reply, or if the reply is not valid HTTP. */
function replyWith(response: ServerResponse, forwarded: Forwarded): Forwarded {
  if ("status" in forwarded) {
    try {
      response.writeHead(forwarded.status, forwarded.headers.flat());
      response.end(forwarded.body);
      return forwarded;
    } catch (error) {
      const { code, message } = describeError(error);
      const cause = { code, message: `The reply cannot be passed on: ${message}` };
      response.writeHead(502).end();
      return { latencyMs: forwarded.latencyMs, error: cause };
    }
  }
  response.writeHead(502).end();
  return forwarded;
}

/** Returns whether a request declares a small body, as events have and inbound e-mails do not. */
function isSmall({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"] ?? Infinity) <= contract.maxBodyBytes / 1000;
}

function createOverloadedError(): WebhookError {
  return new WebhookError("overloaded", `${MAX_BODIES} requests are in flight: try again later.`, {
    retryAfterSeconds: 1,
  });
}

function createTooLargeError(): WebhookError {
  return new WebhookError(
    "body_too_large",
    `The body is larger than ${contract.maxBodyBytes} bytes, the maximum of AhaSend.`,
  );
}

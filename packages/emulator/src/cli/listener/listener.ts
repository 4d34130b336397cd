import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import { WebhookError, refuse } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";
import { writeReply } from "@ahasend-webhooks/core/node";

import { describeError } from "../../transport/describe-error.js";
import { readBody } from "../../transport/read-body.js";
import { type Forwarded, toHeaderList } from "./forward.js";
import type { Inspector, Verdict } from "./inspector.js";
import type { RecordedRequest } from "./recording.js";

/** A request that has been answered, and what was done with it. */
export interface Arrival {
  request: RecordedRequest;
  verdict: Verdict;
  forwarded: Forwarded | undefined;
  /** `undefined` when nothing is recorded. */
  recorded: boolean | undefined;
}

/** What a listener does with what arrives. */
export interface ListenerParts {
  inspect: Inspector;
  /** Called before anything is answered. @returns whether it was recorded */
  onRequest: (request: RecordedRequest, verdict: Verdict) => boolean | undefined;
  /** Passes a request on, if that is wanted: its answer is the answer. */
  forward?: ((request: RecordedRequest) => Promise<Forwarded>) | undefined;
  /** Called when what is done with it has failed. */
  onError: (error: unknown) => void;
  /** Called when it has been answered. */
  onReply: (arrival: Arrival) => void;
}

/** Room for ten of the largest bodies at the same time: through a tunnel anybody can send them. */
const MAX_BODIES = 10;

/** Makes a listener for `node:http` that judges every request, and answers it or has it answered. */
export function createListener(parts: ListenerParts): RequestListener {
  const { inspect: judge, onRequest: arrived, forward, onReply: answered, onError: failed } = parts;
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
    // The sender has gone away: nobody is left to be answered.
    if (body === null) return;
    if (body === undefined) return writeReply(incoming, response, refuse(createTooLargeError()));
    const { method = "", url = "", rawHeaders } = incoming;
    const request = { receivedAt: new Date(), method, url, headers: toHeaderList(rawHeaders), body };
    const verdict = await judge(request);
    const recorded = arrived(request, verdict);
    let forwarded = await forward?.(request);
    if (forwarded === undefined) await writeReply(incoming, response, verdict.reply);
    else forwarded = replyWith(response, forwarded);
    answered({ request, verdict, forwarded, recorded });
  }

  return (incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      response.destroy();
      failed(error);
    });
  };
}

/** Answers what the app has answered; 502 when it did not, or when that cannot be said in HTTP. */
function replyWith(response: ServerResponse, forwarded: Forwarded): Forwarded {
  if ("status" in forwarded) {
    try {
      response.writeHead(forwarded.status, forwarded.headers.flat());
      response.end(forwarded.body);
      return forwarded;
    } catch (error) {
      const { code, message } = describeError(error);
      const cause = { code, message: `The answer cannot be passed on: ${message}` };
      response.writeHead(502).end();
      return { latencyMs: forwarded.latencyMs, error: cause };
    }
  }
  response.writeHead(502).end();
  return forwarded;
}

/** Returns whether a request declares a body that takes hardly any memory: events do, inbound mail does not. */
function isSmall({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"] ?? Infinity) <= contract.maxBodyBytes / 1000;
}

function createOverloadedError(): WebhookError {
  return new WebhookError("overloaded", `${MAX_BODIES} requests are under way: send it again.`, {
    retryAfterSeconds: 1,
  });
}

function createTooLargeError(): WebhookError {
  return new WebhookError(
    "body_too_large",
    `The body is larger than ${contract.maxBodyBytes} bytes: AhaSend's are not.`,
  );
}

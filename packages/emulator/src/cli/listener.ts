import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import { WebhookError, refuse } from "@ahasend-webhooks/core";
import { writeReply } from "@ahasend-webhooks/core/node";

import { type Forwarded, pairsOf } from "./forward.js";
import type { Judge, Verdict } from "./judge.js";
import type { RecordedRequest } from "./recording.js";

/** What a listener does with what arrives. */
export interface ListenerParts {
  judge: Judge;
  /** Told at once, before anything is answered. */
  arrived: (request: RecordedRequest) => void;
  /** Passes a request on, if that is wanted: its answer is the answer. */
  forward?: ((request: RecordedRequest) => Promise<Forwarded>) | undefined;
  /** Told when what is done with it has failed. */
  failed: (error: unknown) => void;
  /** Told when it has been answered. */
  answered: (request: RecordedRequest, verdict: Verdict, forwarded: Forwarded | undefined) => void;
}

/** As large as AhaSend's bodies get. */
const MAX_BODY_BYTES = 30_000_000;

/** Makes a listener for `node:http` that judges every request, and answers it or has it answered. */
export function createListener({
  judge,
  arrived,
  forward,
  answered,
  failed,
}: ListenerParts): RequestListener {
  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming).catch(() => null);
    // The sender has gone away: nobody is left to be answered.
    if (body === null) return;
    if (body === undefined) return writeReply(incoming, response, refuse(tooLarge()));
    const { method = "", url = "", rawHeaders } = incoming;
    const request = { receivedAt: new Date(), method, url, headers: pairsOf(rawHeaders), body };
    arrived(request);
    const [verdict, forwarded] = await Promise.all([judge(request), forward?.(request)]);
    if (forwarded === undefined) await writeReply(incoming, response, verdict.reply);
    else if ("status" in forwarded) answer(response, forwarded);
    else response.writeHead(502).end();
    answered(request, verdict, forwarded);
  }
  return (incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      response.destroy();
      failed(error);
    });
  };
}

function answer(
  response: ServerResponse,
  { status, headers, body }: Extract<Forwarded, { status: number }>,
): void {
  response.writeHead(status, headers.flat());
  response.end(body);
}

/** @returns nothing when it is too large */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): WebhookError {
  return new WebhookError(
    "body_too_large",
    `The body is larger than ${MAX_BODY_BYTES} bytes: AhaSend's are not.`,
  );
}

import type { Receiver } from "./receiver.js";
import type { WebhookRequest } from "./request.js";
import type { Reply } from "./respond.js";

/** The part of Node's `IncomingMessage` (and of what Express and body parsers make of it) that is used here. */
export interface NodeRequest extends KeptBody {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly httpVersionMajor: number;
  readonly complete: boolean;
  /** The stream of an HTTP/2 request. */
  readonly stream?: { close(code: number): void };
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  resume(): unknown;
}

/** The part of Node's `ServerResponse` that is used here. */
export interface NodeResponse {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  write(chunk: string): unknown;
  end(): unknown;
  end(chunk: string): unknown;
}

/** The HTTP/2 code for a stream that is closed because nothing more is wanted of it (RFC 9113). */
const NO_ERROR = 0;

/** How long a refused sender may go on sending, so that he reads the reply instead of meeting a reset. */
const LINGER_MS = 1000;

/** Where a body parser leaves what it has read. */
export interface KeptBody {
  readonly rawBody?: unknown;
  readonly body?: unknown;
}

/**
 * Makes a {@link WebhookRequest} of a Node request. The body is the untouched stream, or what a raw parser has kept
 * of it: `rawBody`, or a `body` of bytes or text.
 *
 * @param kept where to look for it, when that is not the request itself
 * @param native the framework's own request, when that is another object
 *
 * @example
 * const reply = await receiver.receive(nodeRequest(req));
 */
export function nodeRequest(
  request: NodeRequest,
  kept: KeptBody = request,
  native: unknown = request,
): WebhookRequest {
  const { method, headers, rawHeaders } = request;
  return { method, headers, rawHeaders, body: untouchedBody(request, kept), native };
}

/**
 * Writes a reply. Where it closes the connection and the sender is still sending, he is given a second to read it.
 *
 * @returns when the response has been ended
 *
 * @example
 * await writeReply(req, res, await receiver.receive(nodeRequest(req)));
 */
export async function writeReply(request: NodeRequest, response: NodeResponse, reply: Reply): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  const { connection, ...headers } = reply.headers;
  const isHttp1 = request.httpVersionMajor < 2;
  // HTTP/2 knows no such header: there a stream ends alone.
  response.writeHead(reply.status, isHttp1 ? reply.headers : headers);
  if (connection !== "close" || request.complete) {
    response.end(reply.body);
  } else if (isHttp1) {
    response.write(reply.body);
    await discard(request);
    response.end();
  } else {
    response.end(reply.body);
    await discard(request);
    request.stream?.close(NO_ERROR);
  }
}

/**
 * A receiver as a handler for `node:http`.
 *
 * @example
 * createServer(nodeHandler(receiver)).listen(3000);
 */
export function nodeHandler(receiver: Receiver): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    void receiver.receive(nodeRequest(request)).then((reply) => writeReply(request, response, reply));
  };
}

function untouchedBody(request: NodeRequest, { rawBody, body }: KeptBody): unknown {
  if (isRaw(rawBody)) return rawBody;
  // Express 4 sets `body` to {} without reading: only a stream that was read is lost.
  return isRaw(body) ? body : request;
}

function isRaw(body: unknown): boolean {
  return typeof body === "string" || body instanceof Uint8Array;
}

function discard(request: NodeRequest): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      for (const event of ["end", "close"]) request.off(event, finish);
      resolve();
    };
    const timer = setTimeout(finish, LINGER_MS);
    timer.unref?.();
    for (const event of ["end", "close"]) request.on(event, finish);
    request.resume();
  });
}

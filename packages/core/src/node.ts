import { type WebhookError, isWebhookError } from "./errors.js";
import { discardUpload } from "./intake/discard-upload.js";
import { type NodeRequest, nodeRequest } from "./intake/node-request.js";
import type { DefaultStore, ReceiverOptions, StoreOption } from "./options.js";
import { type Receiver, createReceiver } from "./receiver.js";
import type { Reply } from "./respond.js";
import { sealResponse } from "./seal-response.js";

export { type KeptBody, type NodeRequest, nodeRequest } from "./intake/node-request.js";
export { sealResponse };

/** The part of Node's `ServerResponse` that is used here. */
export interface NodeResponse {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  hasHeader(name: string): boolean;
  removeHeader(name: string): unknown;
  writeHead(status: number, headers: Record<string, string>): unknown;
  write(chunk: string): unknown;
  end(): unknown;
  end(chunk: string): unknown;
  destroy(): unknown;
}

/** The part of Node's `IncomingMessage` that shows whether it has ended. */
export interface EndingRequest {
  readonly readableDidRead?: boolean;
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  once(event: "end" | "close", listener: () => void): unknown;
}

/** The HTTP/2 code for a stream that is closed without an error (RFC 9113). */
const NO_ERROR = 0;

const PARSER_CURE =
  "Switch the framework's body parser off for this route (Next.js pages: export const config = { api: { bodyParser: false } })";

/** Headers that other middleware may have set for a body of its own. */
const BODY_HEADERS = ["content-type", "content-length", "content-encoding", "transfer-encoding"];

/**
 * Writes a reply and ends the response. If the reply closes the connection while the sender is still sending, the
 * sender has a second to read it. Does nothing if another reply was written before. Never rejects: if the
 * reply cannot be written, the connection is closed and a warning emitted.
 *
 * @example
 * await writeReply(req, res, await receiver.receive(nodeRequest(req)));
 */
export async function writeReply(request: NodeRequest, response: NodeResponse, reply: Reply): Promise<void> {
  await writeOnce(request, response, reply);
}

/**
 * Creates a handler for `node:http` from a receiver. It returns a promise that resolves when the reply has been
 * written, for callers that wait for it (the pages router of Next.js). It never rejects, so it need not be awaited.
 *
 * @example
 * createServer(nodeHandler(receiver)).listen(3000);
 */
export function nodeHandler(receiver: Receiver): (request: NodeRequest, response: NodeResponse) => unknown {
  return (request, response) =>
    receiver.receive(nodeRequest(request, request, request, PARSER_CURE)).then(
      (reply) => writeOnce(request, response, reply),
      (error: unknown) => giveUp(response, error),
    );
}

/**
 * Resolves when a request whose body was read has ended, which is a moment after its last byte: before, body parsers that come
 * later would try to read it.
 *
 * @example
 * const delivery = await verifier.verify(nodeRequest(req));
 * await untilEnded(req);
 */
export async function untilEnded(request: EndingRequest): Promise<void> {
  // What nobody has read, such as on a platform that hands over the body, never ends.
  if (request.readableDidRead !== true || request.readableEnded === true || request.destroyed === true)
    return;
  await new Promise<void>((resolve) => {
    request.once("end", resolve);
    request.once("close", resolve);
  });
}

/**
 * Returns whether an error of a verifier is a refusal, to be sent as a reply. Other errors are for the error
 * handling of the framework: verification has no log, and a body that was parsed before is the app's own fault.
 */
export function isRefusal(error: unknown): error is WebhookError {
  return isWebhookError(error) && error.code !== "body_already_parsed";
}

/**
 * Returns the receiver that an adapter was given, or creates it from options.
 *
 * @throws {TypeError} for anything else, and for invalid options
 */
export function toReceiver<ChosenStore extends StoreOption = DefaultStore>(
  receiverOrOptions: Receiver | ReceiverOptions<ChosenStore>,
): Receiver {
  const given: unknown = receiverOrOptions;
  if (typeof given !== "object" || given === null || Array.isArray(given) || "then" in given) {
    throw new TypeError(
      `Expected a receiver or its options, got ${describeType(given)}: pass { secret, on } or what createReceiver returns.`,
    );
  }
  return "receive" in receiverOrOptions ? receiverOrOptions : createReceiver(receiverOrOptions);
}

function describeType(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Array.isArray(value) ? "an array" : "a promise (await it first)";
}

/** @returns a promise if the sender is still sending and needs time to read the reply; it never rejects */
function writeOnce(request: NodeRequest, response: NodeResponse, reply: Reply): Promise<void> | undefined {
  if (response.destroyed || response.headersSent) return undefined;
  const fail = (error: unknown): void => giveUp(response, error);
  try {
    return write(request, response, reply)?.catch(fail);
  } catch (error) {
    fail(error);
    return undefined;
  }
}

function write(request: NodeRequest, response: NodeResponse, reply: Reply): Promise<void> | undefined {
  const isHttp1 = request.httpVersionMajor < 2;
  for (const name of BODY_HEADERS) if (response.hasHeader(name)) response.removeHeader(name);
  response.writeHead(reply.status, isHttp1 ? reply.headers : withoutConnection(reply.headers));
  const isBodyless = request.method === "HEAD" || reply.body === "";
  const isCutOff = reply.headers["connection"] === "close" && !request.complete && !isBodyless;
  if (isCutOff && isHttp1) return writeBeforeEnd(request, response, reply.body);
  if (isBodyless) response.end();
  else response.end(reply.body);
  return isCutOff ? closeStream(request) : undefined;
}

/** HTTP/2 has no such header: its streams end one by one. */
function withoutConnection({ connection: _connection, ...headers }: Reply["headers"]): Reply["headers"] {
  return headers;
}

async function writeBeforeEnd(request: NodeRequest, response: NodeResponse, body: string): Promise<void> {
  response.write(body);
  const end = response.end.bind(response);
  sealResponse(response);
  await discardUpload(request);
  // Node's bookkeeping of pipelined requests fails when a response ends after its connection.
  if (request.socket?.destroyed !== true) end();
}

async function closeStream(request: NodeRequest): Promise<void> {
  await discardUpload(request);
  request.stream?.close(NO_ERROR);
}

/** Closes the connection with a warning: broken middleware breaks every reply. */
function giveUp(response: NodeResponse, error: unknown): void {
  let cause = "";
  try {
    response.destroy();
    cause = String(error instanceof Error ? error.stack : error);
  } catch {
    // An error may be a value that cannot be printed.
  }
  process.emitWarning(`The reply to a webhook could not be written. ${cause}`);
}

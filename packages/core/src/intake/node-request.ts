import type { WebhookRequest } from "../request.js";

/** The part of Node's `IncomingMessage` (and of what Express and body parsers make of it) that is used here. */
export interface NodeRequest extends KeptBody {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders?: readonly string[];
  readonly httpVersionMajor: number;
  readonly complete: boolean;
  readonly socket?: { readonly destroyed: boolean };
  /** The stream of an HTTP/2 request. */
  readonly stream?: { close(code: number): void };
  on(event: string, listener: (chunk: Uint8Array) => void): unknown;
  off(event: string, listener: (chunk: Uint8Array) => void): unknown;
  resume(): unknown;
}

/** The fields in which a body parser keeps what it has read. */
export interface KeptBody {
  readonly rawBody?: unknown;
  readonly body?: unknown;
}

/**
 * Creates a {@link WebhookRequest} from a Node request. The body is the untouched stream, or what a raw parser has
 * kept of it: a `rawBody` or `body` of bytes or a string.
 *
 * @param kept the object to look at first, if the framework keeps the body on an object of its own
 * @param native the framework's own request, if that is another object
 * @param parsedBodyCure the advice in the log if the body was parsed before: a sentence without a full stop
 *
 * @example
 * const reply = await receiver.receive(nodeRequest(req));
 */
export function nodeRequest(
  request: NodeRequest,
  kept: KeptBody = request,
  native: unknown = request,
  parsedBodyCure?: string,
): WebhookRequest {
  // Express 4 sets `body` to {} without reading: only a stream that was read is lost.
  const body = findRaw(kept) ?? (kept === request ? undefined : findRaw(request)) ?? request;
  return new RequestOfNode(request, body, native, parsedBodyCure);
}

class RequestOfNode implements WebhookRequest {
  readonly method: string | undefined;
  readonly rawHeaders: readonly string[] | undefined;
  readonly #request: NodeRequest;

  constructor(
    request: NodeRequest,
    readonly body: unknown,
    readonly native: unknown,
    readonly parsedBodyCure: string | undefined,
  ) {
    const { method, rawHeaders } = request;
    this.#request = request;
    this.method = method;
    // Emulated requests (AWS Lambda) have an empty list beside their headers.
    this.rawHeaders = rawHeaders?.length === 0 ? undefined : rawHeaders;
  }

  /** Node creates this object when it is first read, which takes as long as the check of a small body. */
  get headers(): NodeRequest["headers"] {
    return this.#request.headers;
  }
}

function findRaw({ rawBody, body }: KeptBody): unknown {
  return isRaw(rawBody) ? rawBody : isRaw(body) ? body : undefined;
}

function isRaw(body: unknown): boolean {
  return typeof body === "string" || ArrayBuffer.isView(body);
}

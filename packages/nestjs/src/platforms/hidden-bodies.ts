import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** The headers that announce a body. */
const BODY_HEADERS = ["content-length", "transfer-encoding"] as const;

/**
 * Requests that appear to have no body while they pass through middleware, so that body parsers skip them, even wrapped
 * ones.
 */
export class HiddenBodies {
  readonly #hidden = new WeakMap<IncomingMessage, IncomingHttpHeaders>();

  hide(request: IncomingMessage): void {
    if (this.#hidden.has(request)) return;
    const hidden: IncomingHttpHeaders = {};
    for (const name of BODY_HEADERS) {
      const value = request.headers[name];
      if (value !== undefined) hidden[name] = value;
      delete request.headers[name];
    }
    this.#hidden.set(request, hidden);
  }

  restore(request: IncomingMessage): void {
    Object.assign(request.headers, this.#hidden.get(request));
    this.#hidden.delete(request);
  }
}

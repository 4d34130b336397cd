import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** The headers that say that a request has a body. */
const BODY_HEADERS = ["content-length", "transfer-encoding"] as const;

/**
 * Requests that seem to have no body while they pass middleware: body parsers leave those alone, however they are
 * wrapped.
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

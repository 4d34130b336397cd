import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

import type { AbstractHttpAdapter } from "@nestjs/core";

import type { Take } from "./mount.js";
import { ENDPOINT, type Endpoint } from "./options.js";

type ExpressRequest = IncomingMessage & { path: string };
type Handler = (request: ExpressRequest, response: ServerResponse, next: () => void) => void;

/** A layer of Express's router. */
interface Layer {
  name: string;
  match(path: string): unknown;
  route?: { path: string; _handlesMethod(method: string): boolean };
}

/** The part of an Express app that is used here. */
interface ExpressLike {
  use(handler: Handler): void;
  all(path: string, handler: Handler): void;
  router?: { stack?: Layer[] };
}

/**
 * Gives the endpoint's route a handler of its own, in place of the one with Nest's guards, pipes, interceptors and
 * filters, and has body parsers skip the requests that the route is about to get.
 *
 * @returns what remains to do once Nest has registered all its routes
 */
export function mountOnExpress(
  adapter: AbstractHttpAdapter,
  endpoint: Endpoint,
  take: Take,
  warn: (line: string) => void,
): () => void {
  const app = adapter.getInstance<ExpressLike>();
  const layers = () => app.router?.stack ?? [];
  const own = new Map<Layer, string>();
  const bodies = new HiddenBodies();

  if (layers().some(({ name }) => name === "jsonParser")) {
    warn("A JSON body parser was mounted before AhaSendWebhooksModule: exclude the webhook's path.");
  }
  app.use((request, _response, next) => {
    if (isAboutToBeTaken(request)) bodies.hide(request);
    next();
  });

  const handler: Handler = (request, response) => {
    bodies.restore(request);
    take({ request, response, native: request });
  };
  const post = adapter.post.bind(adapter) as (...args: unknown[]) => unknown;
  adapter.post = (...args: unknown[]) => {
    const nestHandler = args.at(-1);
    if (typeof nestHandler !== "function" || Reflect.getMetadata(ENDPOINT, nestHandler) !== endpoint) {
      return post(...args);
    }
    const result = post(...args.slice(0, -1), handler);
    addOwn();
    return result;
  };

  function addOwn(): void {
    const layer = layers().at(-1);
    if (layer?.route !== undefined) own.set(layer, layer.route.path);
  }

  function isAboutToBeTaken({ method = "", path }: ExpressRequest): boolean {
    if (![...own.keys()].some((layer) => matches(layer, path))) return false;
    const first = layers().find((layer) => layer.route?._handlesMethod(method) && matches(layer, path));
    return first !== undefined && own.has(first);
  }

  return () => {
    if (own.size === 0) {
      throw new TypeError(
        `AhaSendWebhooksModule, endpoint "${endpoint.name}": Express has no route for it. Pass an app of Express 5 to ExpressAdapter, or use path: false with a controller of your own.`,
      );
    }
    for (const [layer, path] of [...own]) {
      const first = layers().find(({ route }) => route?.path === path && route._handlesMethod("POST"));
      if (first !== layer) {
        warn(`POST ${path} has another handler, which comes first: give the endpoint a path of its own.`);
      }
      // Other methods, where nobody else has the route: the receiver answers 405.
      app.all(path, handler);
      addOwn();
    }
  };
}

function matches(layer: Layer, path: string): boolean {
  try {
    return Boolean(layer.match(path));
  } catch {
    // A parameter that cannot be decoded: the router will answer 400.
    return false;
  }
}

/** What says that a request has a body, for every body parser of Express. */
const BODY_HEADERS = ["content-length", "transfer-encoding"] as const;

/** Requests that seem to have no body while they pass middleware: a body parser leaves those alone, however it is wrapped. */
class HiddenBodies {
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

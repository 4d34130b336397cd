import type { IncomingMessage, ServerResponse } from "node:http";

import type { AbstractHttpAdapter } from "@nestjs/core";

import { HiddenBodies } from "./hidden-bodies.js";
import type { Take } from "./mount.js";
import { ENDPOINT, type Endpoint } from "./options.js";

type ExpressRequest = IncomingMessage & { path: string };
type Handler = (request: ExpressRequest, response: ServerResponse, next: () => void) => void;

/** A layer of Express's router. */
interface Layer {
  name: string;
  match(path: string): unknown;
  route?: { path: string };
}

type RouteLayer = Layer & Required<Pick<Layer, "route">>;

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
  /** Nest's routes for POST, and those of the endpoint among them. Middleware, which may be a route as well, is neither. */
  const routes = new Set<RouteLayer>();
  const own = new Set<RouteLayer>();
  const inOrder = () =>
    layers()
      .filter(isRoute)
      .filter((layer) => routes.has(layer));
  const bodies = new HiddenBodies();

  if (layers().some(({ name }) => name === "jsonParser")) {
    warn("A JSON body parser was mounted before AhaSendWebhooksModule: exclude the webhook's path.");
  }
  app.use((request, _response, next) => {
    if (request.method === "POST" && isAboutToBeTaken(request.path)) bodies.hide(request);
    next();
  });
  const handler: Handler = (request, response) => {
    bodies.restore(request);
    take({ request, response, native: request });
  };

  for (const method of ["post", "all"] as const) {
    const register = adapter[method].bind(adapter) as (...args: unknown[]) => unknown;
    adapter[method] = (...args: unknown[]) => {
      const nestHandler = args.at(-1);
      const isOwn =
        typeof nestHandler === "function" && Reflect.getMetadata(ENDPOINT, nestHandler) === endpoint;
      const result = isOwn ? register(...args.slice(0, -1), handler) : register(...args);
      const layer = layers().at(-1);
      if (isRoute(layer)) routes.add(layer);
      if (isRoute(layer) && isOwn) own.add(layer);
      return result;
    };
  }

  function isAboutToBeTaken(path: string): boolean {
    if (![...own].some((layer) => matches(layer, path))) return false;
    const first = inOrder().find((layer) => matches(layer, path));
    return first !== undefined && own.has(first);
  }

  return () => {
    if (own.size === 0) {
      throw new TypeError(
        `AhaSendWebhooksModule, endpoint "${endpoint.name}": Express has no route for it that can be taken over. Use path: false with a controller of your own.`,
      );
    }
    for (const layer of own) {
      const { path } = layer.route;
      const before = inOrder().slice(0, inOrder().indexOf(layer));
      const catchAll = before.find((other) => other.route.path !== path && matches(other, exampleOf(path)));
      if (catchAll !== undefined) moveBefore(layers(), layer, catchAll);
      if (before.some((other) => other.route.path === path)) {
        warn(`POST ${path} has another handler, which comes first: give the endpoint a path of its own.`);
      }
      // Other methods, where nobody else has the route: the receiver answers 405.
      app.all(path, handler);
    }
  };
}

/** A path that this pattern matches, whatever its parameters are. */
function exampleOf(pattern: string): string {
  return pattern.replace(/[{}]/g, "").replace(/[:*](\w+|"[^"]*")/g, "x");
}

/** A catch-all route of the app must not answer for the endpoint; on Fastify it never does. */
function moveBefore(stack: Layer[], layer: Layer, other: Layer): void {
  stack.splice(stack.indexOf(layer), 1);
  stack.splice(stack.indexOf(other), 0, layer);
}

function isRoute(layer: Layer | undefined): layer is RouteLayer {
  return layer?.route !== undefined;
}

function matches(layer: Layer, path: string): boolean {
  try {
    return Boolean(layer.match(path));
  } catch {
    // A parameter that cannot be decoded: the router will answer 400.
    return false;
  }
}

import type { IncomingMessage, ServerResponse } from "node:http";

import type { AbstractHttpAdapter } from "@nestjs/core";

import type { ExchangeHandler } from "../exchange.js";
import { ExpressRoutes, type Layer, createExamplePath } from "./express-routes.js";
import { HiddenBodies } from "./hidden-bodies.js";
import { type Endpoint, describeEndpoint } from "../options.js";
import { ENDPOINT } from "../tokens.js";

type ExpressRequest = IncomingMessage & { path: string };
type Handler = (request: ExpressRequest, response: ServerResponse, next: () => void) => void;

/** The parts of an Express app that are used here. */
interface ExpressLike {
  use(handler: Handler): void;
  all(path: string, handler: Handler): void;
  router?: { stack?: Layer[] };
}

/**
 * Replaces the handler of the endpoint's route, which would run Nest's guards, pipes, interceptors and filters, and
 * makes body parsers skip the requests of that route.
 *
 * @returns a function to call once Nest has registered all its routes
 */
export function mountOnExpress(
  adapter: AbstractHttpAdapter,
  endpoint: Endpoint,
  handle: ExchangeHandler,
  warn: (line: string) => void,
): () => void {
  const app = adapter.getInstance<ExpressLike>();
  const layers = () => app.router?.stack ?? [];
  const routes = new ExpressRoutes(layers);
  const bodies = new HiddenBodies();

  if (layers().some(({ name }) => name === "jsonParser")) {
    warn("A JSON body parser was mounted before AhaSendWebhooksModule: exclude the webhook path from it.");
  }
  app.use((request, _response, next) => {
    if (request.method === "POST" && routes.leadsToEndpoint(request.path)) bodies.hide(request);
    next();
  });
  const handler: Handler = (request, response) => {
    bodies.restore(request);
    handle({ request, response, native: request });
  };
  for (const method of ["post", "all"] as const) {
    const register = adapter[method].bind(adapter) as (...args: unknown[]) => unknown;
    adapter[method] = (...args: unknown[]) => {
      const isOwn = isEndpointHandler(endpoint, args.at(-1));
      const result = isOwn ? register(...args.slice(0, -1), handler) : register(...args);
      routes.addLast(isOwn);
      return result;
    };
  }
  return () => {
    const paths = routes.listEndpointPaths();
    if (paths.length === 0) {
      throw new TypeError(
        `${describeEndpoint(endpoint)}: Express did not register its route. Use path: false and a controller of your own.`,
      );
    }
    routes.moveEndpointBeforeCatchAlls();
    for (const path of paths) {
      if (!routes.leadsToEndpoint(createExamplePath(path))) {
        warn(`POST ${path} has another handler, which runs first: give the endpoint a path of its own.`);
      }
      // For other methods that no route handles, the receiver replies 405.
      app.all(path, handler);
    }
  };
}

/** Nest copies the metadata of a controller method to its route handler. */
function isEndpointHandler(endpoint: Endpoint, handler: unknown): boolean {
  return typeof handler === "function" && Reflect.getMetadata(ENDPOINT, handler) === endpoint;
}

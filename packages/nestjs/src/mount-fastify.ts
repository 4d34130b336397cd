import type { IncomingMessage, ServerResponse } from "node:http";

import { ENDPOINT, type Endpoint } from "./options.js";
import type { Take } from "./mount.js";

type Hook = (
  request: { raw: IncomingMessage; is404: boolean; params?: unknown },
  reply: { raw: ServerResponse; hijack(): void },
  done: () => void,
) => void;

interface Route {
  method: string | string[];
  url: string;
  config?: object;
  onRequest?: Hook | Hook[];
}

/** The part of a Fastify instance that is used here. */
interface FastifyLike {
  addHook(name: "onRequest", hook: Hook): void;
  addHook(name: "onRoute", hook: (route: Route) => void): void;
}

/** Fastify has matched the route when its hooks run, and reads no body before they have ended. */
export function mountOnFastify(fastify: FastifyLike, endpoint: Endpoint, take: Take): void {
  const urls: string[] = [];
  const takeOver: Hook = (native, reply, done) => {
    // Nest answers 404 to an empty parameter, which Fastify's router accepts.
    if (Object.entries(native.params ?? {}).some(([name, value]) => value === "" && name !== "*"))
      return done();
    reply.hijack();
    take({ request: native.raw, response: reply.raw, native });
  };
  fastify.addHook("onRoute", (route) => {
    if (route.config === undefined || Reflect.get(route.config, ENDPOINT) !== endpoint) return;
    urls.push(route.url);
    // A route's own hooks are the last ones: middleware and plugins have had their turn.
    route.onRequest = [route.onRequest ?? [], takeOver].flat();
  });
  fastify.addHook("onRequest", (request, reply, done) => {
    const { method, url = "" } = request.raw;
    // Another method, and nobody else has the route: the receiver answers 405.
    if (request.is404 && method !== "POST" && urls.some((route) => resembles(route, url)))
      takeOver(request, reply, done);
    else done();
  });
}

/** Chooses between 404 and 405 only: what reaches the endpoint is for the router to match. */
function resembles(route: string, target: string): boolean {
  const [pattern, path] = [route, target.replace(/[?#].*/, "")].map((url) => url.split("/").filter(Boolean));
  return (
    pattern?.length === path?.length &&
    pattern?.every(
      (part, index) => part.startsWith(":") || part.toLowerCase() === path?.[index]?.toLowerCase(),
    ) === true
  );
}

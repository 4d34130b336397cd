import type { IncomingMessage, ServerResponse } from "node:http";

import type { AbstractHttpAdapter } from "@nestjs/core";

import type { ExchangeHandler } from "../exchange.js";
import type { FastifyLike, Hook } from "./fastify-like.js";
import { HiddenBodies } from "./hidden-bodies.js";
import { keepLast } from "./keep-last.js";
import type { Endpoint } from "../options.js";
import { ENDPOINT } from "../tokens.js";

/** Handles the endpoint's requests in a hook, which Fastify runs after routing and before it reads the body. */
export function mountOnFastify(
  adapter: AbstractHttpAdapter,
  endpoint: Endpoint,
  handle: ExchangeHandler,
): void {
  const fastify = adapter.getInstance<FastifyLike>();
  const urls: string[] = [];
  const bodies = new HiddenBodies();
  const mayBeEndpoint = ({ url = "" }: IncomingMessage) => urls.some((route) => isSimilar(route, url));

  const takeOver: Hook = (native, reply, done) => {
    // Nest replies 404 if a parameter is empty, but Fastify's router accepts it.
    if (Object.entries(native.params ?? {}).some(([name, value]) => value === "" && name !== "*"))
      return done();
    bodies.restore(native.raw);
    reply.hijack();
    handle({ request: native.raw, response: reply.raw, native });
  };

  fastify.addHook("onRoute", (route) => {
    if (route.config === undefined || Reflect.get(route.config, ENDPOINT) !== endpoint) return;
    urls.push(route.url);
    keepLast(route, takeOver);
  });
  fastify.addHook("onRequest", (request, reply, done) => {
    // For other methods that no route handles, the receiver replies 405.
    const isOther = request.is404 && request.raw.method !== "POST";
    if (isOther && mayBeEndpoint(request.raw)) takeOver(request, reply, done);
    else done();
  });
  useBeforeMiddleware(adapter, (request) => {
    if (mayBeEndpoint(request)) bodies.hide(request);
  });
  fastify.addHook("preParsing", ({ raw }, _reply, payload, done) => {
    // Another route matched.
    bodies.restore(raw);
    done(null, payload);
  });
}

/** Runs a function before Express-style middleware, which may include a body parser. */
function useBeforeMiddleware(adapter: AbstractHttpAdapter, run: (request: IncomingMessage) => void): void {
  try {
    adapter.use((request: IncomingMessage, _response: ServerResponse, next: () => void) => {
      run(request);
      next();
    });
  } catch {
    // With `skipMiddie` there is no Express-style middleware.
  }
}

/** Compares roughly; the router decides which requests reach the endpoint. */
function isSimilar(route: string, target: string): boolean {
  const pattern = splitPath(route);
  const path = splitPath(target.replace(/[?#].*/, ""));
  const isMatch = (part: string, index: number) =>
    part.startsWith(":") || part.toLowerCase() === path[index]?.toLowerCase();
  return pattern.length === path.length && pattern.every(isMatch);
}

function splitPath(path: string): string[] {
  return path.split("/").filter(Boolean);
}

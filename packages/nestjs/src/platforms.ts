import type { IncomingMessage, ServerResponse } from "node:http";

import type { HttpAdapterHost } from "@nestjs/core";

/** Takes a request in front of the app, or leaves it to the app by returning false. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse, native: unknown) => boolean;

/** The part of an Express app that is used here. */
interface ExpressLike {
  use(handler: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): void;
  router?: { stack?: { name: string }[] };
}

/** The part of a Fastify instance that is used here. */
interface FastifyLike {
  addHook(
    name: "onRequest",
    hook: (
      request: { raw: IncomingMessage },
      reply: { raw: ServerResponse; hijack(): void },
      done: () => void,
    ) => void,
  ): void;
}

/**
 * Puts an interceptor in front of all that is mounted on the platform from now on.
 *
 * @returns whether a JSON body parser stands before it
 */
export function intercept(adapter: HttpAdapterHost["httpAdapter"], take: Interceptor): boolean {
  const platform: string = adapter.getType();
  if (platform === "fastify") {
    adapter.getInstance<FastifyLike>().addHook("onRequest", (request, reply, done) => {
      if (take(request.raw, reply.raw, request)) reply.hijack();
      else done();
    });
  }
  if (platform !== "express") return false;
  const app = adapter.getInstance<ExpressLike>();
  const hasParser = app.router?.stack?.some(({ name }) => name === "jsonParser") ?? false;
  app.use((request, response, next) => {
    if (!take(request, response, request)) next();
  });
  return hasParser;
}

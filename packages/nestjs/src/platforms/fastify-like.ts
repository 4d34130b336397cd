import type { IncomingMessage, ServerResponse } from "node:http";

/** The parts of a Fastify request that are used here. */
interface FastifyRequestLike {
  raw: IncomingMessage;
  is404: boolean;
  params?: unknown;
}

/** A hook that runs after routing, before the body is read. */
export type Hook = (
  request: FastifyRequestLike,
  reply: { raw: ServerResponse; hijack(): void },
  done: () => void,
) => void;

/** The parts of a route that are used here. */
export interface Route {
  url: string;
  config?: object;
  onRequest?: Hook | Hook[];
}

type ParsingHook = (
  request: FastifyRequestLike,
  reply: unknown,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
) => void;

/** The parts of a Fastify instance that are used here. */
export interface FastifyLike {
  addHook(name: "onRoute", hook: (route: Route) => void): void;
  addHook(name: "onRequest", hook: Hook): void;
  addHook(name: "preParsing", hook: ParsingHook): void;
}

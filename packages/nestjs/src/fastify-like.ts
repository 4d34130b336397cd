import type { IncomingMessage, ServerResponse } from "node:http";

/** The part of Fastify's request that is used here. */
interface FastifyRequestLike {
  raw: IncomingMessage;
  is404: boolean;
  params?: unknown;
}

/** A hook that runs when the route is known and no body has been read. */
export type Hook = (
  request: FastifyRequestLike,
  reply: { raw: ServerResponse; hijack(): void },
  done: () => void,
) => void;

interface Route {
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

/** The part of a Fastify instance that is used here. */
export interface FastifyLike {
  addHook(name: "onRoute", hook: (route: Route) => void): void;
  addHook(name: "onRequest", hook: Hook): void;
  addHook(name: "preParsing", hook: ParsingHook): void;
}

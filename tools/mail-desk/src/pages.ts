import type { IncomingMessage, ServerResponse } from "node:http";

import type { Logger } from "pino";

import type { Desk } from "./desk.js";
import { isMailPath, serveMail } from "./mail-pages.js";
import type { PageReply } from "./page-reply.js";
import { pageHeaders, renderPage } from "./page.js";

/** Serves the pages of the desk as middleware. Without `next`, it replies 404 to all other requests. Never throws. */
export type Pages = (request: IncomingMessage, response: ServerResponse, next?: () => unknown) => void;

/** Creates the pages: the desk for people, its counts, its health, and the buttons for dead letters. */
export function createPages(desk: Desk, log: Logger): Pages {
  const routes = new Map<string, (request: IncomingMessage) => Promise<PageReply>>([
    ["GET /", async () => ({ status: 200, headers: pageHeaders, body: renderPage(await desk.view()) })],
    ["GET /healthz", async () => toJson({ status: "ok" })],
    ["GET /stats", async () => toJson(await desk.stats())],
    [
      "POST /dead-letters",
      async (request) =>
        (await desk.submit(request)) ? { status: 303, headers: { location: "/" } } : { status: 403 },
    ],
  ]);
  const reply = async (
    route: (request: IncomingMessage) => Promise<PageReply>,
    request: IncomingMessage,
  ): Promise<PageReply> => {
    try {
      return await route(request);
    } catch (err) {
      log.error({ err }, "a page could not be served");
      return { status: 500 };
    }
  };
  return (request, response, next) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route =
      method === "GET" && isMailPath(path) ? () => serveMail(desk, path) : routes.get(`${method} ${path}`);
    if (route === undefined && next !== undefined) next();
    else if (route === undefined) write(response, { status: 404 });
    else void reply(route, request).then((page) => write(response, page));
  };
}

function toJson(value: unknown): PageReply {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function write(response: ServerResponse, { status, headers, body }: PageReply): void {
  response.writeHead(status, headers).end(body);
}

import { once } from "node:events";
import { type RequestListener, Server, createServer } from "node:http";

/** A Nest application. */
export interface NestLike {
  getHttpServer(): unknown;
  listen(port: number, host: string): Promise<unknown>;
}

/** A Koa application. */
export interface KoaLike {
  callback(): RequestListener;
}

/** What events can be delivered to: an Express, Koa or Nest application, a listener or server of `node:http`, a URL. */
export type App = RequestListener | Server | KoaLike | NestLike | string | URL;

/** Where an app can be reached. */
export interface Listening {
  url: string;
  /** Ends what was started for it, and nothing else. */
  stop: () => Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/**
 * Sees to it that an app can be reached: on a free port of this machine, unless it listens already.
 *
 * @param path of the webhook; that of a URL stays as it is
 * @throws {TypeError} for what is no app
 */
export async function listening(app: App, path: string): Promise<Listening> {
  if (typeof app === "string" || app instanceof URL) {
    return { url: new URL(app).href, stop: () => Promise.resolve() };
  }
  const server = serverOf(app);
  const started = !server.listening;
  if (started) {
    if ("getHttpServer" in app) await app.listen(0, LOOPBACK);
    else await once(server.listen(0, LOOPBACK), "listening");
  }
  return {
    url: new URL(path, originOf(server)).href,
    stop: async () => {
      if (!started) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function serverOf(app: Exclude<App, string | URL>): Server {
  if (app instanceof Server) return app;
  if (typeof app === "function") return createServer(app);
  if ("callback" in app) return createServer(app.callback());
  const server = "getHttpServer" in app ? app.getHttpServer() : undefined;
  if (server instanceof Server) return server;
  throw new TypeError(
    "This is no app: give an Express, Koa or Nest application, a server or listener of node:http, or a URL.",
  );
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError(
      "The server does not listen on a port: let it, or give one that does not listen yet.",
    );
  }
  const host =
    address.family === "IPv6" && address.address !== "::" ? `[${address.address}]` : address.address;
  return `http://${host === "0.0.0.0" || host === "::" ? LOOPBACK : host}:${address.port}`;
}

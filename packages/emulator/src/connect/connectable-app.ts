import { once } from "node:events";
import { type RequestListener, type Server as HttpServer, createServer } from "node:http";
import type { Server as HttpsServer } from "node:https";

/** A Nest application. */
export interface NestLike {
  getHttpServer(): unknown;
  listen(port: number, host: string): Promise<unknown>;
}

/** A Koa application. */
export interface KoaLike {
  callback(): RequestListener;
}

/** A server of `node:http` or `node:https`. */
type Server = HttpServer | HttpsServer;

/**
 * A target of deliveries: an Express, Koa or Nest application, a listener or server of `node:http` or `node:https`, or a
 * URL.
 */
export type ConnectableApp = RequestListener | Server | KoaLike | NestLike | string | URL;

/** Where an app can be reached. */
export interface ListeningApp {
  url: string;
  /** `true` for a server of `node:https` that was passed here: its owner answers for its certificate. */
  isSecureServer: boolean;
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
export async function startListening(app: ConnectableApp, path: string): Promise<ListeningApp> {
  if (typeof app === "string" || app instanceof URL) {
    return { url: new URL(app).href, isSecureServer: false, stop: () => Promise.resolve() };
  }
  const server = toServer(app);
  const started = !server.listening;
  if (started) {
    if ("getHttpServer" in app) await app.listen(0, LOOPBACK);
    else await once(server.listen(0, LOOPBACK), "listening");
  }
  return {
    url: new URL(path, resolveOrigin(server)).href,
    isSecureServer: isSecure(server),
    stop: async () => {
      if (!started) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function toServer(app: Exclude<ConnectableApp, string | URL>): Server {
  if (isServer(app)) return app;
  if (typeof app === "function") return createServer(app);
  if ("callback" in app) return createServer(app.callback());
  const server = "getHttpServer" in app ? app.getHttpServer() : undefined;
  if (isServer(server)) return server;
  throw new TypeError(
    "This is not an app: pass an Express, Koa or Nest application, a server of node:http or node:https, a listener, or a URL.",
  );
}

/** By its shape: a server of node:https is not an instance of the one of node:http. */
function isServer(value: unknown): value is Server {
  return typeof value === "object" && value !== null && "closeAllConnections" in value && "address" in value;
}

function isSecure(server: Server): boolean {
  return "setSecureContext" in server;
}

function resolveOrigin(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError(
      "The server does not listen on a port: let it, or pass one that does not listen yet.",
    );
  }
  const host =
    address.family === "IPv6" && address.address !== "::" ? `[${address.address}]` : address.address;
  return `${isSecure(server) ? "https" : "http"}://${host === "0.0.0.0" || host === "::" ? LOOPBACK : host}:${address.port}`;
}

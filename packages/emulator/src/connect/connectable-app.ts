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

/** A reachable app. */
export interface ListeningApp {
  url: string;
  /** `true` for a server of `node:https`: its owner is responsible for its certificate. */
  isSecureServer: boolean;
  /** Stops what {@link startListening} has started, and nothing else. */
  stop: () => Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/**
 * Makes an app listen on a free port of this machine, unless it already listens.
 *
 * @param path of the webhook; ignored for a URL
 * @throws {TypeError} if the app is not a {@link ConnectableApp}
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
  const { callback, getHttpServer, then } = (app ?? {}) as Partial<KoaLike & NestLike & PromiseLike<unknown>>;
  if (typeof callback === "function") return createServer(callback.call(app));
  const server = typeof getHttpServer === "function" ? getHttpServer.call(app) : undefined;
  if (isServer(server)) return server;
  throw new TypeError(
    `The app cannot be connected: ${typeof then === "function" ? "await the promise, and " : ""}pass an Express, Koa or Nest application, a server of node:http or node:https, a listener, or a URL.`,
  );
}

/** Checks the shape: a server of node:https is not an instance of the one of node:http. */
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
      "The server must listen on a port: pass one that does, or one that does not listen yet.",
    );
  }
  const host =
    address.family === "IPv6" && address.address !== "::" ? `[${address.address}]` : address.address;
  return `${isSecure(server) ? "https" : "http"}://${host === "0.0.0.0" || host === "::" ? LOOPBACK : host}:${address.port}`;
}

import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Emulator } from "../emulator.js";
import { createApi } from "./api.js";
import { Feed } from "./feed.js";
import { assertSameSite, assertOwnHost } from "./guard.js";
import { loadPage } from "./load-page.js";
import { toProblem } from "./api-error.js";
import { jsonReply, writeReply } from "./reply.js";
import { dispatch } from "./router.js";

/** A server of the emulator's page. */
export interface DevServer {
  /** The URL of the page. */
  readonly url: string;
  /** Closes the server. The emulator continues to run. */
  close(): Promise<void>;
}

/**
 * Serves the page of an emulator, and its API, to this machine only.
 *
 * @param port 0 for any free port
 * @throws {Error} `EADDRINUSE` when the port is in use, or an error when the page has not been built
 *
 * @example
 * const { url } = await startDevServer(createEmulator(), { port: 4500 });
 */
export async function startDevServer(emulator: Emulator, { port = 0 } = {}): Promise<DevServer> {
  const page = loadPage();
  const feed = new Feed(emulator);
  const api = createApi(emulator, feed.reports, () => feed.schedule());

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    assertOwnHost(request);
    const [path = "/"] = (request.url ?? "/").split("?");
    const isGet = request.method === "GET";
    const file = isGet ? page.get(path) : undefined;
    if (file !== undefined) return writeReply(response, file);
    assertSameSite(request);
    if (isGet && path === "/api/changes") return feed.watch(response);
    writeReply(response, await dispatch(api, path, request));
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      const { status, problem } = toProblem(error);
      writeReply(response, jsonReply(status, problem));
    });
  });
  await once(server.listen(port, "127.0.0.1"), "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      feed.close();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

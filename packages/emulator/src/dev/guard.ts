import type { IncomingMessage } from "node:http";

import { ApiError } from "./api-error.js";

const OWN_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Keeps other web sites out: the browser of a developer visits them too.
 *
 * - A site that lets its own name lead to 127.0.0.1 (DNS rebinding) gives itself away by the `host` header.
 * - A site that sends requests from its pages (CSRF) gives itself away by `origin` or `sec-fetch-site`.
 *
 * @throws {ApiError} 403
 */
export function assertOwnHost({ headers }: IncomingMessage): void {
  const { host = "", origin } = headers;
  const address = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  if (address === undefined || !OWN_NAMES.has(address.hostname)) {
    throw new ApiError(
      403,
      "foreign_host",
      `${JSON.stringify(host)} is none of my names: open http://localhost.`,
    );
  }
  if (origin !== undefined && origin !== address.origin) throw createForeignOriginError();
}

/**
 * As {@link assertOwnHost}, and for what only the page may ask for. A link to the page itself may come from anywhere.
 *
 * @throws {ApiError} 403
 */
export function assertSameSite(request: IncomingMessage): void {
  const site = request.headers["sec-fetch-site"] ?? "same-origin";
  // "none": typed into the address bar.
  if (site !== "same-origin" && site !== "none") throw createForeignOriginError();
}

function createForeignOriginError(): ApiError {
  return new ApiError(403, "foreign_origin", "Only the emulator's own page may ask for that: open it.");
}

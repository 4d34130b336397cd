import type { IncomingMessage } from "node:http";

import { ApiError } from "./api-error.js";

const OWN_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Keeps out other web sites, which the developer's browser visits too.
 *
 * - A site whose name resolves to 127.0.0.1 (DNS rebinding) shows in the `host` header.
 * - A site that sends requests from its pages (CSRF) shows in `origin` or `sec-fetch-site`.
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
      `The host ${JSON.stringify(host)} is not allowed: open http://localhost.`,
    );
  }
  if (origin !== undefined && origin !== address.origin) throw createForeignOriginError();
}

/**
 * Keeps out other web sites from everything but the page itself, to which any site may link.
 *
 * @throws {ApiError} 403
 */
export function assertSameSite(request: IncomingMessage): void {
  const site = request.headers["sec-fetch-site"] ?? "same-origin";
  // "none": entered in the address bar.
  if (site !== "same-origin" && site !== "none") throw createForeignOriginError();
}

function createForeignOriginError(): ApiError {
  return new ApiError(403, "foreign_origin", "Only the emulator's own page may send this request: open it.");
}

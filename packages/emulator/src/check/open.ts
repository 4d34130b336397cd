import http, { type ClientRequest } from "node:http";
import https from "node:https";

import { assertLoopbackLiteral } from "../transport/loopback.js";
import { type NetworkAccess, toRequestOptions } from "../transport/network-access.js";
import { connectIgnoringWriteErrors } from "../transport/connect-ignoring-write-errors.js";

/** What {@link openRequest} opens. */
export interface OpenOptions extends NetworkAccess {
  url: string;
  method: "POST" | "GET";
  headers: Record<string, string>;
  signal: AbortSignal;
}

/**
 * Opens a request on a connection of its own, to this machine only unless more is allowed. Its body is for the caller
 * to write.
 *
 * @throws {EmulatorError} `remote_address` when the URL names an address of another machine
 */
export function openRequest({ url, allowRemote, insecure, ...options }: OpenOptions): ClientRequest {
  const target = new URL(url);
  if (!allowRemote) assertLoopbackLiteral(target);
  const reach = toRequestOptions({ allowRemote, insecure });
  return target.protocol === "https:"
    ? https.request(target, { ...options, ...reach, agent: false })
    : http.request(target, { ...options, ...reach, createConnection: connectIgnoringWriteErrors });
}

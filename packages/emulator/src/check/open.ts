import http, { type ClientRequest } from "node:http";
import https from "node:https";

import { assertLoopbackLiteral, loopbackLookup } from "../address.js";
import { connectPatiently } from "./patient-socket.js";

/** What {@link openRequest} opens. */
export interface OpenOptions {
  url: string;
  method: "POST" | "GET";
  headers: Record<string, string>;
  allowRemote: boolean;
  signal: AbortSignal;
}

/**
 * Opens a request on a connection of its own, to this machine only unless more is allowed. Its body is for the caller
 * to write.
 *
 * @throws {EmulatorError} `remote_address` when the URL names an address of another machine
 */
export function openRequest({ url, allowRemote, ...options }: OpenOptions): ClientRequest {
  const target = new URL(url);
  if (!allowRemote) assertLoopbackLiteral(target);
  const lookup = allowRemote ? {} : { lookup: loopbackLookup() };
  return target.protocol === "https:"
    ? https.request(target, { ...options, ...lookup, agent: false })
    : http.request(target, { ...options, ...lookup, createConnection: connectPatiently });
}

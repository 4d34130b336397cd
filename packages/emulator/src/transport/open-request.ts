import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";

import { connectIgnoringWriteErrors } from "./connect-ignoring-write-errors.js";
import { loopbackLookup } from "./loopback.js";
import { type NetworkAccess, assertAllowedUrl } from "./network-access.js";

/** A request that {@link openRequest} opens. */
export interface RequestToOpen extends NetworkAccess {
  url: URL;
  method: string;
  headers: http.OutgoingHttpHeaders | readonly string[];
  /** Aborts the request. */
  signal: AbortSignal;
  /** Resolves host names. @default dns.lookup */
  lookup?: LookupFunction | undefined;
  /** Provides the connection. @default a new connection, closed after the reply */
  pool?: ConnectionPool;
}

/** Connections that several requests may use, one after another. */
export interface ConnectionPool {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** Node's servers close an idle connection after 5 s: one that is about to be closed must not be used. */
const IDLE_MS = 2000;

/** Creates a pool. Without `keepAlive`, each request gets a new connection. */
export function createConnectionPool({ keepAlive }: { keepAlive: boolean }): ConnectionPool {
  const options = { keepAlive, timeout: IDLE_MS };
  return {
    http: Object.assign(new http.Agent(options), { createConnection: connectIgnoringWriteErrors }),
    https: new https.Agent(options),
  };
}

/**
 * Opens a request; the caller writes its body and reads the reply. No other code opens connections, so the check that
 * requests stay on this machine cannot be left out.
 *
 * @throws {EmulatorError} `remote_address` if the URL has the address of another machine; a host name of another machine
 * makes the request fail with that error
 */
export function openRequest({ url, method, headers, signal, pool, ...access }: RequestToOpen) {
  assertAllowedUrl(url, access);
  const options = { method, headers, ...toConnectOptions(access) };
  const outgoing =
    url.protocol === "https:"
      ? https.request(url, { ...options, agent: pool?.https ?? false })
      : http.request(url, {
          ...options,
          ...(pool === undefined ? { createConnection: connectIgnoringWriteErrors } : { agent: pool.http }),
        });
  abortWith(signal, outgoing);
  return outgoing;
}

/** Node's own option `signal` makes an error for each request, even for one that has had its reply. */
function abortWith(signal: AbortSignal, outgoing: http.ClientRequest): void {
  const abort = () => void outgoing.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort);
  outgoing.on("close", () => signal.removeEventListener("abort", abort));
  if (signal.aborted) abort();
}

function toConnectOptions({
  allowRemote,
  insecure,
  lookup,
}: NetworkAccess & Pick<RequestToOpen, "lookup">): https.RequestOptions {
  const guarded = allowRemote ? lookup : loopbackLookup(lookup);
  return {
    ...(guarded && { lookup: guarded }),
    ...(insecure && !allowRemote && { rejectUnauthorized: false }),
  };
}

import type { LookupFunction } from "node:net";

import { loopbackLookup } from "./loopback.js";

/** The machines that requests may reach, and the certificates they accept. */
export interface NetworkAccess {
  /** Requests may leave this machine. */
  allowRemote: boolean;
  /** Any certificate of this machine is accepted. */
  insecure: boolean;
}

/** The options of a request, or of an agent, that keep to it. Certificates of other machines are always checked. */
export function toRequestOptions({ allowRemote, insecure }: NetworkAccess, lookup?: LookupFunction) {
  const guarded = allowRemote ? lookup : loopbackLookup(lookup);
  return {
    ...(guarded && { lookup: guarded }),
    ...(insecure && !allowRemote && { rejectUnauthorized: false }),
  };
}

/** @throws {TypeError} for what is neither true nor false, and for both together */
export function assertNetworkAccess({ allowRemote, insecure }: NetworkAccess): void {
  if (typeof allowRemote !== "boolean") {
    throw new TypeError("allowRemote is neither true nor false: leave it out to stay on this machine.");
  }
  if (typeof insecure !== "boolean") {
    throw new TypeError("insecure is neither true nor false: leave it out to have certificates checked.");
  }
  if (insecure && allowRemote) {
    throw new TypeError(
      "insecure is for this machine only: leave out allowRemote, or trust the certificate with NODE_EXTRA_CA_CERTS.",
    );
  }
}

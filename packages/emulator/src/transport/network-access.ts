import { assertLoopbackLiteral } from "./loopback.js";

/** The machines that requests may reach, and the certificates they accept. */
export interface NetworkAccess {
  /** Allows requests to other machines. */
  allowRemote: boolean;
  /** Accepts any certificate of this machine. Certificates of other machines are always checked. */
  insecure: boolean;
}

/** @throws {TypeError} if an option is not a boolean, or both are `true` */
export function assertNetworkAccess({ allowRemote, insecure }: NetworkAccess): void {
  if (typeof allowRemote !== "boolean") {
    throw new TypeError("allowRemote must be true or false: leave it out to stay on this machine.");
  }
  if (typeof insecure !== "boolean") {
    throw new TypeError("insecure must be true or false: leave it out to have certificates checked.");
  }
  if (insecure && allowRemote) {
    throw new TypeError(
      "insecure is for this machine only: leave out allowRemote, or trust the certificate with NODE_EXTRA_CA_CERTS.",
    );
  }
}

/**
 * Rejects a URL with the IP address of another machine, unless remote machines are allowed. Host names are checked when
 * they are resolved.
 *
 * @throws {EmulatorError} `remote_address`
 */
export function assertAllowedUrl(url: URL, { allowRemote }: Pick<NetworkAccess, "allowRemote">): void {
  if (!allowRemote) assertLoopbackLiteral(url);
}

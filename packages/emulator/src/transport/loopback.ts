import { lookup as systemLookup } from "node:dns";
import { BlockList, type LookupFunction, isIP } from "node:net";

import { EmulatorError } from "../errors.js";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Returns whether an IP address belongs to this machine: 127.0.0.0/8, ::1, and IPv4 written as IPv6. */
export function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? "ipv6" : "ipv4");
}

/**
 * Rejects a URL with the IP address of another machine. Host names are checked when they are resolved, by
 * {@link loopbackLookup}.
 *
 * @throws {EmulatorError} `remote_address`
 */
export function assertLoopbackLiteral({ hostname }: URL): void {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0 && !isLoopback(address)) throw createRemoteAddressError(address);
}

/**
 * Returns a look-up that resolves host names to addresses of this machine only. The socket connects to the address
 * returned here, so no second look-up can return another one (DNS rebinding).
 */
export function loopbackLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, result) => {
      if (error) return callback(error, []);
      const addresses = Array.isArray(result) ? result : [{ address: result, family: isIP(result) }];
      const allowed = addresses.filter(({ address }) => isLoopback(address));
      const [first] = allowed;
      if (first === undefined) {
        return callback(createRemoteAddressError(hostname, addresses[0]?.address), []);
      }
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function createRemoteAddressError(host: string, address?: string): EmulatorError {
  const where = address === undefined ? host : `${host} (${address})`;
  return new EmulatorError(
    "remote_address",
    `${where} is not this machine: use localhost, or set allowRemote to send to other machines.`,
  );
}

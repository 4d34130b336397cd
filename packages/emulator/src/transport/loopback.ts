import { lookup as systemLookup } from "node:dns";
import { BlockList, type LookupFunction, isIP } from "node:net";

import { EmulatorError } from "../errors.js";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an IP address never leaves this machine: 127.0.0.0/8, ::1, and IPv4 written as IPv6. */
export function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? "ipv6" : "ipv4");
}

/**
 * Refuses a URL that names an address of another machine. A host name is judged when it is resolved, by
 * {@link loopbackLookup}.
 *
 * @throws {EmulatorError} `remote_address`
 */
export function assertLoopbackLiteral({ hostname }: URL): void {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0 && !isLoopback(address)) throw remoteAddress(address);
}

/**
 * Resolves host names, and gives out the addresses of this machine only. The socket connects to what it is given here,
 * so that no second look-up can answer otherwise (DNS rebinding).
 */
export function loopbackLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const allowed = addresses.filter(({ address }) => isLoopback(address));
      const [first] = allowed;
      if (first === undefined) return callback(remoteAddress(hostname, addresses[0]?.address), []);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function remoteAddress(host: string, address?: string): EmulatorError {
  const where = address === undefined ? host : `${host} (${address})`;
  return new EmulatorError(
    "remote_address",
    `${where} is not this machine: use localhost, or set allowRemote if you may send to it.`,
  );
}

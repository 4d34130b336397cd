import { type Delivery } from "../deliveries.js";
import { path } from "../servers/variant.js";

/** The head of a request as it goes over the wire. */
export function formatHead({ headers }: Delivery): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

/** The status of a response. */
export function parseStatus(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(response)?.[1]);
}

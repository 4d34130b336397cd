import { type Delivery } from "../deliveries.js";
import { path } from "../servers/variant.js";

/** Formats the head of a request. */
export function formatHead({ headers }: Delivery): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

/** Parses the status of a response; NaN if there is none. */
export function parseStatus(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(response)?.[1]);
}

import { STATUS_CODES } from "node:http";

/** `500 Internal Server Error` */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

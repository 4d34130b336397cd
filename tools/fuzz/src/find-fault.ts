import type { WebhookErrorCode } from "@ahasend-webhooks/core";

import type { SeenReply } from "./reply-reader.js";

/** The documented status of each code: written down again here, independently of core. */
const documentedStatuses: Readonly<Record<string, number>> = {
  missing_header: 400,
  invalid_header: 400,
  invalid_payload: 400,
  body_aborted: 400,
  stale_timestamp: 401,
  invalid_signature: 401,
  method_not_allowed: 405,
  body_timeout: 408,
  in_flight: 409,
  body_too_large: 413,
  unsupported_encoding: 415,
  handler_failed: 500,
  body_already_parsed: 500,
  store_unavailable: 503,
  inbox_unavailable: 503,
  secret_unavailable: 503,
  deadline_exceeded: 503,
  overloaded: 503,
  closing: 503,
} satisfies Record<WebhookErrorCode, number>;

/** Statuses without a code: from Node's HTTP parser, and from frameworks for other paths, methods and malformed targets. */
const frameworkStatuses = new Set([400, 404, 405, 408, 413, 414, 415, 417, 431]);

/** Reads the code of a refusal; `undefined` if the reply does not come from our code. */
export function readCode({ body }: SeenReply): string | undefined {
  return /^\{"code":"([a-z_]+)"\}$/.exec(body)?.[1];
}

/** Describes what is wrong with a reply; `undefined` if nothing is. */
export function findFault(reply: SeenReply): string | undefined {
  const { status, headers, body } = reply;
  const code = readCode(reply);
  if (code === undefined)
    return isFrameworkReply(reply) ? undefined : `an undocumented reply: ${status} ${body.slice(0, 200)}`;
  if (documentedStatuses[code] !== status) return `status ${status} with the code ${code}`;
  if ([409, 503].includes(status) && !/^[1-9][0-9]*$/.test(headers["retry-after"] ?? ""))
    return `${status} ${code} without Retry-After`;
  if (status === 405 && headers["allow"] !== "POST") return "405 without Allow: POST";
  return undefined;
}

function isFrameworkReply({ status, headers, body }: SeenReply): boolean {
  if (status === 204) return body === "";
  // Express replies to OPTIONS by itself.
  if (status === 200) return headers["allow"] !== undefined && headers["x-powered-by"] === "Express";
  return frameworkStatuses.has(status);
}

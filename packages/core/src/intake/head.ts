import { WebhookError } from "../errors.js";
import type { HeadersLike, WebhookRequest } from "../request.js";

/** The head of a delivery, in the shape the contract demands, not yet believed. */
export interface Head {
  deliveryId: string;
  /** Unix seconds, as the text that was signed. */
  timestamp: string;
  /** The entries of `webhook-signature`. */
  signatures: readonly string[];
  contentEncoding: string;
  /** In bytes; `undefined` when it was not declared. */
  contentLength: number | undefined;
}

/** What a head is judged by. */
export interface HeadLimits {
  toleranceSeconds: number;
  maxBodyBytes: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

const NAMES = [
  "webhook-id",
  "webhook-timestamp",
  "webhook-signature",
  "content-length",
  "content-encoding",
] as const;
type Name = (typeof NAMES)[number];

/** 1 to 255 visible ASCII characters. */
const DELIVERY_ID = /^[\x21-\x7e]{1,255}$/;
/** Plain Unix seconds: no sign, zero, fraction, exponent, space or other digits. */
const TIMESTAMP = /^[1-9][0-9]{9,11}$/;
const MAX_SIGNATURE_LENGTH = 4096;
const MAX_SIGNATURE_ENTRIES = 16;

/**
 * Reads the headers of a delivery and holds them to their shapes.
 *
 * @throws {WebhookError} `method_not_allowed`, `missing_header`, `invalid_header`
 */
export function readHead(request: WebhookRequest): Head {
  if (request.method !== undefined && request.method.toUpperCase() !== "POST") {
    throw new WebhookError(
      "method_not_allowed",
      "Only POST is accepted: mount the receiver on a POST route.",
    );
  }
  const [id, time, signatureHeader, contentLength, contentEncoding] = pickHeaders(request);
  const deliveryId = assertPresent("webhook-id", id);
  const timestamp = assertPresent("webhook-timestamp", time);
  const signature = assertPresent("webhook-signature", signatureHeader);
  if (!DELIVERY_ID.test(deliveryId))
    throw invalidHeader("webhook-id", "is not 1 to 255 visible ASCII characters");
  if (!TIMESTAMP.test(timestamp)) throw invalidHeader("webhook-timestamp", "is not plain Unix seconds");
  const signatures = signature.includes(" ") ? signature.split(" ") : [signature];
  if (signature.length > MAX_SIGNATURE_LENGTH || signatures.length > MAX_SIGNATURE_ENTRIES) {
    throw invalidHeader("webhook-signature", `has more than ${MAX_SIGNATURE_ENTRIES} entries or 4 KB`);
  }
  return {
    deliveryId,
    timestamp,
    signatures,
    contentEncoding: contentEncoding || "identity",
    contentLength: parseContentLength(contentLength),
  };
}

/**
 * Decides by its head whether a delivery is worth reading.
 *
 * @throws {WebhookError} `stale_timestamp`, `unsupported_encoding`, `body_too_large`
 */
export function assertHead({ timestamp, contentEncoding, contentLength }: Head, limits: HeadLimits): void {
  // The negation refuses a clock that gives NaN, too.
  if (!(Math.abs(limits.now() / 1000 - Number(timestamp)) <= limits.toleranceSeconds)) {
    throw new WebhookError(
      "stale_timestamp",
      `The attempt is more than ${limits.toleranceSeconds} s away from this server's time: check its clock (NTP); otherwise it is a replay.`,
    );
  }
  if (contentEncoding.toLowerCase() !== "identity") {
    throw new WebhookError(
      "unsupported_encoding",
      "The body is compressed, and AhaSend never does that: check the proxy in front.",
    );
  }
  if (contentLength !== undefined && contentLength > limits.maxBodyBytes)
    throw bodyTooLarge(limits.maxBodyBytes);
}

/** The refusal of a body that is, or declares to be, over the limit. */
export function bodyTooLarge(maxBodyBytes: number): WebhookError {
  return new WebhookError(
    "body_too_large",
    `The body is larger than ${maxBodyBytes} bytes: raise maxBodyBytes if you expect such e-mails.`,
  );
}

/**
 * The values of the headers, in the order of {@link NAMES}: a list, because the names of a request are strings that an
 * object would have to look up one by one in V8's table of all names.
 */
function pickHeaders({ headers, rawHeaders }: WebhookRequest): (string | undefined)[] {
  if (rawHeaders !== undefined) {
    const values = noHeaders();
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) pick(values, rawHeaders[i] ?? "", rawHeaders[i + 1]);
    // Emulated requests (Lambda adapters, for example) leave the list empty and fill the object only.
    if (isComplete(values)) return values;
  }
  const values = noHeaders();
  if (isFetchHeaders(headers)) {
    for (const name of NAMES) pick(values, name, headers.get(name) ?? undefined);
  } else {
    for (const name of Object.keys(headers)) pick(values, name, headers[name]);
  }
  return values;
}

function noHeaders(): (string | undefined)[] {
  return [undefined, undefined, undefined, undefined, undefined];
}

/** Returns whether the headers are there that every delivery has: the first three of {@link NAMES}. */
function isComplete([id, timestamp, signature]: (string | undefined)[]): boolean {
  return id !== undefined && timestamp !== undefined && signature !== undefined;
}

function pick(
  values: (string | undefined)[],
  anyCase: string,
  value: string | readonly string[] | undefined,
): void {
  const name = anyCase.toLowerCase() as Name;
  const place = NAMES.indexOf(name);
  if (value === undefined || place === -1) return;
  const isList = typeof value !== "string";
  if (values[place] !== undefined || (isList && value.length > 1)) {
    throw invalidHeader(name, "is there more than once");
  }
  const only = isList ? value[0] : value;
  if (typeof only === "string") values[place] = only;
}

function isFetchHeaders(headers: HeadersLike): headers is { get(name: string): string | null } {
  return typeof headers["get"] === "function";
}

function assertPresent(name: Name, value: string | undefined): string {
  if (value === undefined || value === "") {
    throw new WebhookError(
      "missing_header",
      `The header ${name} is missing: if the sender is AhaSend, check that the proxy in front passes it on.`,
    );
  }
  return value;
}

function invalidHeader(name: Name, what: string): WebhookError {
  return new WebhookError(
    "invalid_header",
    `The header ${name} ${what}: the request does not come from AhaSend.`,
  );
}

function parseContentLength(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

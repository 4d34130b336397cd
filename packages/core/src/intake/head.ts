import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import type { HeadersLike, WebhookRequest } from "../request.js";

/** The headers of a delivery, well-formed but not yet verified. */
export interface Head {
  deliveryId: string;
  /** Unix seconds, as the string that was signed. */
  timestamp: string;
  /** The entries of `webhook-signature`. */
  signatures: readonly string[];
  contentEncoding: string;
  /** In bytes; `undefined` if it was not declared. */
  contentLength: number | undefined;
}

/** Limits for {@link assertHead}. */
export interface HeadLimits {
  toleranceSeconds: number;
  maxBodyBytes: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

const { message } = REFUSALS.invalid_header;

const NAMES = [
  "webhook-id",
  "webhook-timestamp",
  "webhook-signature",
  "content-length",
  "content-encoding",
] as const;
const LENGTHS = new Set<number>(NAMES.map(({ length }) => length));
type Name = (typeof NAMES)[number];
type HeaderValues = { [N in Name]?: string };

/** 1 to 255 visible ASCII characters. */
const DELIVERY_ID = /^[\x21-\x7e]{1,255}$/;
/** Unix seconds without a sign, leading zero, fraction, exponent or space. */
const TIMESTAMP = /^[1-9][0-9]{9,11}$/;
const MAX_SIGNATURE_LENGTH = 4096;
const MAX_SIGNATURE_ENTRIES = 16;

/**
 * Reads the headers of a delivery.
 *
 * @throws {WebhookError} `method_not_allowed`, `missing_header`, `invalid_header`
 */
export function readHead(request: WebhookRequest): Head {
  if (request.method !== undefined && request.method.toUpperCase() !== "POST") {
    throw new WebhookError("method_not_allowed", REFUSALS.method_not_allowed.message);
  }
  const values = readHeaders(request);
  const deliveryId = getRequired(values, "webhook-id");
  const timestamp = getRequired(values, "webhook-timestamp");
  const signature = getRequired(values, "webhook-signature");
  if (!DELIVERY_ID.test(deliveryId)) throw invalidHeader(message.deliveryId);
  if (!TIMESTAMP.test(timestamp)) throw invalidHeader(message.timestamp);
  const signatures = signature.includes(" ") ? signature.split(" ") : [signature];
  if (signature.length > MAX_SIGNATURE_LENGTH || signatures.length > MAX_SIGNATURE_ENTRIES) {
    throw invalidHeader(message.signature(MAX_SIGNATURE_ENTRIES, MAX_SIGNATURE_LENGTH));
  }
  return {
    deliveryId,
    timestamp,
    signatures,
    contentEncoding: values["content-encoding"] || "identity",
    contentLength: parseContentLength(values["content-length"]),
  };
}

/**
 * Refuses a delivery whose headers rule it out, before its body is read.
 *
 * @throws {WebhookError} `stale_timestamp`, `unsupported_encoding`, `body_too_large`
 */
export function assertHead({ timestamp, contentEncoding, contentLength }: Head, limits: HeadLimits): void {
  // Negated, so that a clock that returns NaN is refused as well.
  if (!(Math.abs(limits.now() / 1000 - Number(timestamp)) <= limits.toleranceSeconds)) {
    throw new WebhookError("stale_timestamp", REFUSALS.stale_timestamp.message(limits.toleranceSeconds));
  }
  if (contentEncoding.toLowerCase() !== "identity") {
    throw new WebhookError("unsupported_encoding", REFUSALS.unsupported_encoding.message);
  }
  if (contentLength !== undefined && contentLength > limits.maxBodyBytes) {
    throw new WebhookError("body_too_large", REFUSALS.body_too_large.message.overLimit(limits.maxBodyBytes));
  }
}

function readHeaders(request: WebhookRequest): HeaderValues {
  const { rawHeaders } = request;
  if (rawHeaders !== undefined) {
    const values: HeaderValues = {};
    for (let i = 0; i + 1 < rawHeaders.length; i += 2)
      addHeader(values, rawHeaders[i] ?? "", rawHeaders[i + 1]);
    // Emulated requests (Lambda adapters, for example) leave the list empty and fill the object only.
    if (isComplete(values)) return values;
  }
  const { headers } = request;
  const values: HeaderValues = {};
  if (isFetchHeaders(headers)) {
    for (const name of NAMES) addHeader(values, name, headers.get(name) ?? undefined);
  } else {
    for (const name of Object.keys(headers)) addHeader(values, name, headers[name]);
  }
  return values;
}

function addHeader(
  values: HeaderValues,
  anyCase: string,
  value: string | readonly string[] | undefined,
): void {
  // Most headers are others, and their length shows it.
  if (!LENGTHS.has(anyCase.length)) return;
  const lowerCase = anyCase.toLowerCase();
  const name = NAMES.find((candidate) => candidate === lowerCase);
  if (name === undefined || value === undefined) return;
  const isList = typeof value !== "string";
  if (values[name] !== undefined || (isList && value.length > 1)) {
    throw invalidHeader(message.repeated(name));
  }
  const only = isList ? value[0] : value;
  if (typeof only === "string") values[name] = only;
}

/** Returns whether the headers that every delivery has are present. */
function isComplete(values: HeaderValues): boolean {
  return (
    values["webhook-id"] !== undefined &&
    values["webhook-timestamp"] !== undefined &&
    values["webhook-signature"] !== undefined
  );
}

function isFetchHeaders(headers: HeadersLike): headers is { get(name: string): string | null } {
  return typeof headers["get"] === "function";
}

function getRequired(values: HeaderValues, name: Name): string {
  const value = values[name];
  if (value !== undefined && value !== "") return value;
  throw new WebhookError("missing_header", REFUSALS.missing_header.message(name));
}

function invalidHeader(reason: string): WebhookError {
  return new WebhookError("invalid_header", reason);
}

function parseContentLength(value: string | undefined): number | undefined {
  return value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
}

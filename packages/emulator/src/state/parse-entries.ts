import { assertFaults } from "../faults/assert-faults.js";
import type { DeliveryParts } from "../deliveries/delivery.js";
import { assertScope, parseEndpointFields } from "../endpoints/parse-endpoint-fields.js";
import { type Endpoint, type Mutable, defaults, initialCounters } from "../endpoints/endpoint.js";
import { assertEndpointOverride } from "../endpoints/endpoint-override.js";

/** The progress of a delivery so far. */
export interface Progress {
  failures: number;
  nextAttemptAt: number;
}

/** A delivery as it is stored. */
export type StoredDelivery = Omit<DeliveryParts, "createdAt"> & { createdAt: number };

/** The last time that a `Date` can represent. */
const MAX_TIME = 8_640_000_000_000_000;

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === "string";
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isTime: Check = (value) => typeof value === "number" && Math.abs(value) <= MAX_TIME;

const deliveryChecks = {
  // Sent as a header.
  id: (value: unknown) => typeof value === "string" && /^[\x21-\x7e]+$/.test(value),
  endpointId: isString,
  type: isString,
  body: isString,
  copy: isCount,
  faults: Array.isArray,
  createdAt: isTime,
};

const progressChecks = { failures: isCount, nextAttemptAt: isTime };

const endpointChecks = {
  id: isString,
  success_count: isCount,
  error_count: isCount,
  errors_since_last_success: isCount,
  last_request_at: (value: unknown) => value === null || typeof value === "string",
  override: (value: unknown) => typeof value === "object",
};

/** @throws {TypeError} if the value is not a delivery of this version */
export function parseDelivery(value: unknown): StoredDelivery {
  const delivery = parseRecord(value, deliveryChecks) as unknown as StoredDelivery;
  assertFaults(delivery.faults);
  return delivery;
}

/** @throws {TypeError} if the value is not the progress of a delivery */
export function parseProgress(value: unknown): Progress {
  return parseRecord(value, progressChecks) as unknown as Progress;
}

/**
 * Parses an endpoint; fields that an older version did not have get their defaults.
 *
 * @throws {TypeError} if the value is not an endpoint of this version
 */
export function parseEndpoint(value: unknown): Mutable<Endpoint> {
  const { kind } = (value ?? {}) as { kind?: unknown };
  if (kind !== "webhook" && kind !== "route") throw new TypeError("The kind is unknown.");
  const complete = { ...defaults[kind], ...initialCounters, override: null, ...(value as object) };
  const endpoint = parseRecord(complete, endpointChecks) as unknown as Mutable<Endpoint>;
  const settable = Object.entries(endpoint).filter(([name]) => Object.hasOwn(defaults[kind], name));
  parseEndpointFields(kind, Object.fromEntries(settable), () => undefined);
  if (endpoint.kind === "webhook") assertScope(endpoint);
  if (endpoint.override !== null) assertEndpointOverride(endpoint.override);
  return endpoint;
}

function parseRecord(value: unknown, checks: Readonly<Record<string, Check>>): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError("It is not an object.");
  const record = value as Record<string, unknown>;
  const invalid = Object.entries(checks).find(([name, passes]) => !passes(record[name]));
  if (invalid === undefined) return record;
  throw new TypeError(`Its ${invalid[0]} is missing or invalid.`);
}

import type { Emission } from "../deliveries/fan-out.js";
import type { Fault } from "../faults/faults.js";
import type { EndpointOverride } from "../endpoints/endpoint-override.js";

type Fields = Record<string, unknown>;

/**
 * Returns the event to emit, or the exact body as a string.
 *
 * @throws {TypeError} when it is neither
 */
export function parseEmission({ event }: Fields): Emission {
  if (typeof event === "string") return event;
  // The emulator validates its fields.
  if (typeof event === "object" && event !== null && !Array.isArray(event)) return event as Emission;
  throw new TypeError("event must be an object, or a string with the exact body.");
}

/**
 * Returns the faults of the deliveries. @default none
 *
 * @throws {TypeError} when they are not a list
 */
export function parseFaults({ faults = [] }: Fields): readonly Fault[] {
  if (Array.isArray(faults)) return faults as readonly Fault[];
  throw new TypeError("faults must be a list.");
}

/**
 * Returns the ids of the endpoints that may get the event. @default all
 *
 * @throws {TypeError} when they are not a list of strings
 */
export function parseEndpoints({ endpoints }: Fields): { endpoints?: readonly string[] } {
  if (endpoints === undefined) return {};
  if (Array.isArray(endpoints) && endpoints.every((id) => typeof id === "string")) return { endpoints };
  throw new TypeError("endpoints must be a list of ids.");
}

/**
 * Returns the keys of the deliveries to replay.
 *
 * @throws {TypeError} when they are not a list of strings
 */
export function parseKeys({ keys }: Fields): readonly string[] {
  if (Array.isArray(keys) && keys.every((key) => typeof key === "string")) return keys;
  throw new TypeError("keys must be a list of the keys of deliveries.");
}

/**
 * Returns the override of an endpoint, or `null` to remove it.
 *
 * @throws {TypeError} when it is neither
 */
export function parseOverride({ override }: Fields): EndpointOverride | null {
  if (override === null) return null;
  if (typeof override === "object") return override as EndpointOverride;
  throw new TypeError("override must be an object, or null to remove it.");
}

import type { Emission } from "../deliveries/fan-out.js";
import type { Fault } from "../faults/faults.js";
import type { EndpointOverride } from "../endpoints/endpoint-override.js";

type Fields = Record<string, unknown>;

/**
 * What is to be emitted: the fields of an event, or the exact text of a body.
 *
 * @throws {TypeError} when it is neither
 */
export function parseEmission({ event }: Fields): Emission {
  if (typeof event === "string") return event;
  // What is in it is for the emulator to judge.
  if (typeof event === "object" && event !== null && !Array.isArray(event)) return event as Emission;
  throw new TypeError("event is neither an object nor a text: give the event, or the exact text of a body.");
}

/**
 * The faults of what is to be delivered; none when they are left out.
 *
 * @throws {TypeError} when they are no list
 */
export function parseFaults({ faults = [] }: Fields): readonly Fault[] {
  if (Array.isArray(faults)) return faults as readonly Fault[];
  throw new TypeError("faults is not a list: make it one.");
}

/**
 * The ids of the endpoints that may get it.
 *
 * @returns nothing for all
 * @throws {TypeError} when they are no list of texts
 */
export function parseEndpoints({ endpoints }: Fields): { endpoints?: readonly string[] } {
  if (endpoints === undefined) return {};
  if (Array.isArray(endpoints) && endpoints.every((id) => typeof id === "string")) return { endpoints };
  throw new TypeError("endpoints is not a list of ids: make it one.");
}

/**
 * What is to stand before an endpoint, or `null`.
 *
 * @throws {TypeError} when it is neither
 */
export function parseOverride({ override }: Fields): EndpointOverride | null {
  if (override === null) return null;
  if (typeof override === "object") return override as EndpointOverride;
  throw new TypeError("override must be an object or null.");
}

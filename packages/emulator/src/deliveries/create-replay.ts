import type { Endpoint } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import { assertRequestFaults } from "../faults/assert-faults.js";
import type { RequestFault } from "../faults/faults.js";
import { type Delivery, DeliveryRecord } from "./delivery.js";

/** Options of {@link Emulator.replay}. */
export interface ReplayOptions {
  /** Faults of the requests. @default none */
  faults?: readonly RequestFault[];
}

/**
 * Creates another copy of a delivery, with the same `webhook-id` and body.
 *
 * @param latestCopy the number of the latest copy in the history
 * @throws {TypeError} for invalid faults
 * @throws {EmulatorError} `endpoint_disabled`
 */
export function createReplay(
  { id, copy, endpointId, type, body }: Delivery,
  { enabled }: Endpoint,
  { faults = [] }: ReplayOptions,
  { now, latestCopy }: { now: number; latestCopy: number },
): DeliveryRecord {
  assertRequestFaults(faults);
  if (!enabled) {
    throw new EmulatorError(
      "endpoint_disabled",
      `The endpoint ${endpointId} is disabled: enable it before you replay.`,
    );
  }
  const nextCopy = Math.max(latestCopy, copy) + 1;
  return new DeliveryRecord({ id, copy: nextCopy, endpointId, type, body, faults, createdAt: new Date(now) });
}

import { createDeliveryId } from "@ahasend-webhooks/testing";

import type { Endpoint } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import { assertRequestFaults } from "../faults/assert-faults.js";
import type { RequestFault } from "../faults/faults.js";
import { type Delivery, DeliveryRecord } from "./delivery.js";

/** Options of {@link Emulator.replay}. */
export interface ReplayOptions {
  /** Faults of the requests. @default none */
  faults?: readonly RequestFault[];
  /** Send it under a new `webhook-id`: a receiver that deduplicates handles it again. @default false */
  newId?: boolean;
}

/**
 * Creates another copy of a delivery: with the same body, and the same `webhook-id` unless a new one is asked for.
 *
 * @param latestCopy the number of the latest copy in the history
 * @throws {TypeError} for invalid faults
 * @throws {EmulatorError} `endpoint_disabled`
 */
export function createReplay(
  { id, copy, endpointId, type, body }: Delivery,
  { enabled }: Endpoint,
  { faults = [], newId = false }: ReplayOptions,
  { now, latestCopy }: { now: number; latestCopy: number },
): DeliveryRecord {
  assertRequestFaults(faults);
  if (!enabled) {
    throw new EmulatorError(
      "endpoint_disabled",
      `The endpoint ${endpointId} is disabled: enable it before you replay.`,
    );
  }
  const ids = newId ? { id: createDeliveryId(), copy: 1 } : { id, copy: Math.max(latestCopy, copy) + 1 };
  return new DeliveryRecord({ ...ids, endpointId, type, body, faults, createdAt: new Date(now) });
}

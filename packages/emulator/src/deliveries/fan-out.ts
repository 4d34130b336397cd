import { randomUUID } from "node:crypto";

import type { AhaSendEvent, UnknownEvent } from "@ahasend-webhooks/core";

import { DeliveryRecord } from "./delivery.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { assertFaults } from "../faults/assert-faults.js";
import type { Fault } from "../faults/faults.js";
import { serializeBody, readPayload } from "./payload.js";
import { isSubscribed } from "./is-subscribed.js";

/** An event of any type, known or not, or the exact text of a body. */
export type Emission = AhaSendEvent | UnknownEvent | string;

/** How an event is delivered. */
export interface EmitOptions {
  /** What is done to the deliveries. @default nothing: they are as AhaSend makes them */
  faults?: readonly Fault[];
  /** The header `webhook-id`. @default a new one for each delivery */
  id?: string;
  /** The ids of the endpoints that may get it. @default all */
  endpoints?: readonly string[];
}

/** All of them are made before the first is sent. */
const MAX_DELIVERIES = 10_000;

/** A delivery, and the one whose first attempt has to be over before its own. */
export interface PlannedDelivery {
  delivery: DeliveryRecord;
  before: DeliveryRecord | undefined;
}

/**
 * Makes the deliveries of events: for each endpoint those that it wants, as often and in the order that faults ask for.
 *
 * @throws {TypeError} for an event without a type, for wrong faults and for too many deliveries
 */
export function fanOut(
  events: readonly Emission[],
  endpoints: readonly Endpoint[],
  { faults = [], id }: EmitOptions,
  { now, copiesOf }: { now: number; copiesOf: (id: string) => number },
): PlannedDelivery[] {
  assertFaults(faults);
  const copies = faults.find((fault) => fault.kind === "copies") ?? { count: 1, timing: "together" };
  if (copies.count * endpoints.length > MAX_DELIVERIES) {
    throw new TypeError(
      `${copies.count} copies for ${endpoints.length} endpoints are more than ${MAX_DELIVERIES} deliveries: ask for fewer copies, or name fewer endpoints.`,
    );
  }
  if (id !== undefined && !/^[\x21-\x7e]+$/.test(id)) {
    throw new TypeError("id is not visible ASCII: it is sent as a header; leave it out for a new one.");
  }
  const isReordered = faults.some(({ kind }) => kind === "reordered");
  const payloads = events.map((event) => readPayload(event, faults));
  if (isReordered) payloads.reverse();
  const plan: PlannedDelivery[] = [];
  let copy = id === undefined ? 0 : copiesOf(id);
  for (const endpoint of endpoints) {
    let before: DeliveryRecord | undefined;
    for (const payload of payloads.filter((payload) => isSubscribed(endpoint, payload))) {
      const parts = {
        id: id ?? `msg_${randomUUID()}`,
        endpointId: endpoint.id,
        type: payload.type,
        body: serializeBody(endpoint, payload),
        faults,
        createdAt: new Date(now),
      };
      if (id === undefined) copy = 0;
      for (let number = 1; number <= copies.count; number += 1) {
        const isInTurn = isReordered || (number > 1 && copies.timing === "in_turn");
        copy += 1;
        const delivery = new DeliveryRecord({ ...parts, copy });
        plan.push({ delivery, before: isInTurn ? before : undefined });
        before = delivery;
      }
    }
  }
  return plan;
}

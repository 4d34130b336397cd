import { randomUUID } from "node:crypto";

import type { AhaSendEvent, UnknownEvent } from "@ahasend-webhooks/core";

import type { Endpoint } from "../endpoints/endpoint.js";
import { assertFaults } from "../faults/assert-faults.js";
import { type DeliveryPlan, getFaultEffect } from "../faults/fault-effects.js";
import type { Fault } from "../faults/faults.js";
import { DeliveryRecord } from "./delivery.js";
import { isSubscribed } from "./is-subscribed.js";
import { readPayload, serializeBody } from "./payload.js";

/** An event of any type, known or not, or the exact body of a delivery. */
export type Emission = AhaSendEvent | UnknownEvent | string;

/** Options of {@link Emulator.emit}. */
export interface EmitOptions {
  /** Faults of the deliveries; see {@link Fault}. @default none: deliveries are as AhaSend makes them */
  faults?: readonly Fault[];
  /** The header `webhook-id`. @default a new id for each delivery */
  id?: string;
  /** The ids of the endpoints that may get the event. @default all */
  endpoints?: readonly string[];
}

/** All of them are created before the first is sent. */
const MAX_DELIVERIES = 10_000;

/** A delivery, and the one whose first attempt must have ended before it is sent. */
export interface PlannedDelivery {
  delivery: DeliveryRecord;
  before: DeliveryRecord | undefined;
}

/**
 * Creates the deliveries of events: for each endpoint the events it is subscribed to, as often and in the order that the
 * faults ask for.
 *
 * @throws {TypeError} for an event without a type, invalid faults or too many deliveries
 */
export function fanOut(
  events: readonly Emission[],
  endpoints: readonly Endpoint[],
  { faults = [], id }: EmitOptions,
  { now, findLatestCopy }: { now: number; findLatestCopy: (id: string) => number },
): PlannedDelivery[] {
  assertFaults(faults);
  const { copies = { count: 1, timing: "together" }, isReordered } = planDeliveries(faults);
  if (copies.count * endpoints.length > MAX_DELIVERIES) {
    throw new TypeError(
      `${copies.count} copies for ${endpoints.length} endpoints are more than ${MAX_DELIVERIES} deliveries: ask for fewer copies, or name fewer endpoints.`,
    );
  }
  if (id !== undefined && !/^[\x21-\x7e]+$/.test(id)) {
    throw new TypeError(
      "id must be visible ASCII, because it is sent as a header: leave it out for a new one.",
    );
  }
  const payloads = events.map((event) => readPayload(event, faults));
  if (isReordered) payloads.reverse();
  const planned: PlannedDelivery[] = [];
  let copy = id === undefined ? 0 : findLatestCopy(id);
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
        planned.push({ delivery, before: isInTurn ? before : undefined });
        before = delivery;
      }
    }
  }
  return planned;
}

function planDeliveries(faults: readonly Fault[]): DeliveryPlan {
  const plan: DeliveryPlan = { isReordered: false };
  for (const fault of faults) {
    const effect = getFaultEffect(fault);
    if ("plan" in effect) effect.plan(plan, fault);
  }
  return plan;
}

import type { AhaSendEvent, UnknownEvent } from "@ahasend-webhooks/core";
import { createDeliveryId } from "@ahasend-webhooks/testing";

import type { Endpoint } from "../endpoints/endpoint.js";
import { assertFaults } from "../faults/assert-faults.js";
import { type DeliveryPlan, type Repetition, getFaultEffect } from "../faults/fault-effects.js";
import type { Fault } from "../faults/faults.js";
import { addressPayload, withNewEventId } from "./address-payload.js";
import { DeliveryRecord } from "./delivery.js";
import { isSubscribed } from "./is-subscribed.js";
import { type Payload, readPayload, serializeBody } from "./payload.js";

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

const once: Repetition = { count: 1, timing: "together" };

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
  const { copies = once, repetitions = once, isReordered } = planDeliveries(faults);
  assertId(id, repetitions);
  const payloads = events.map((event) => readPayload(event, faults));
  if (isReordered) payloads.reverse();
  const addressed = addressPayloads(payloads, endpoints);
  if (addressed.length * repetitions.count * copies.count > MAX_DELIVERIES) {
    throw new TypeError(
      `The events and faults make more than ${MAX_DELIVERIES} deliveries for ${endpoints.length} endpoints: ask for fewer copies, or name fewer endpoints.`,
    );
  }
  const planned: PlannedDelivery[] = [];
  let copy = id === undefined ? 0 : findLatestCopy(id);
  let before: DeliveryRecord | undefined;
  for (const { endpoint, payload } of addressed) {
    if (before?.endpointId !== endpoint.id) before = undefined;
    const parts = {
      endpointId: endpoint.id,
      type: payload.type,
      body: serializeBody(endpoint, payload),
      faults,
      createdAt: new Date(now),
    };
    for (let repetition = 1; repetition <= repetitions.count; repetition += 1) {
      const deliveryId = id ?? createDeliveryId();
      if (id === undefined) copy = 0;
      for (let number = 1; number <= copies.count; number += 1) {
        const { timing } = number > 1 ? copies : repetition > 1 ? repetitions : once;
        copy += 1;
        const delivery = new DeliveryRecord({ ...parts, id: deliveryId, copy });
        planned.push({ delivery, before: isReordered || timing === "in_turn" ? before : undefined });
        before = delivery;
      }
    }
  }
  return planned;
}

/** Returns what each endpoint gets, in the order of the endpoints. */
function addressPayloads(payloads: readonly Payload[], endpoints: readonly Endpoint[]) {
  const seen = new Set<Payload>();
  return endpoints.flatMap((endpoint) =>
    payloads
      .filter((payload) => isSubscribed(endpoint, payload))
      .flatMap((payload) =>
        addressPayload(endpoint, payload).map((one) => {
          // The first delivery keeps the event's own id.
          const isFirst = !seen.has(payload);
          seen.add(payload);
          return { endpoint, payload: isFirst ? one : withNewEventId(one) };
        }),
      ),
  );
}

/** @throws {TypeError} for an id that cannot be sent, or that a fault would replace */
function assertId(id: string | undefined, repetitions: Repetition): void {
  if (id === undefined) return;
  if (!/^[\x21-\x7e]+$/.test(id)) {
    throw new TypeError(
      "id must be visible ASCII, because it is sent as a header: leave it out for a new one.",
    );
  }
  if (repetitions.count > 1) {
    throw new TypeError("id must be left out with the fault repeated_event: each delivery has its own.");
  }
}

function planDeliveries(faults: readonly Fault[]): DeliveryPlan {
  const plan: DeliveryPlan = { isReordered: false };
  for (const fault of faults) {
    const effect = getFaultEffect(fault);
    if ("plan" in effect) effect.plan(plan, fault);
  }
  return plan;
}

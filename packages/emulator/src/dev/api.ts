import { eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";

import type { Attempt } from "../deliveries/attempt.js";
import type { Emulator } from "../emulator.js";
import type { WebhookInput } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import type { RequestFault } from "../faults/faults.js";
import { emissionIn, endpointsIn, faultsIn, obstacleIn } from "./parse-fields.js";
import { type Reply, bytes, json } from "./reply.js";
import { deliveryDetail, deliveryRow, endpointView } from "./to-view.js";

/** A request to the API. Fields come from outside: the emulator checks them. */
export interface Call {
  /** The parts of the path that stand for something, in their order. */
  params: string[];
  /** The fields of its body; none for `GET` and `DELETE`. */
  fields: Record<string, unknown>;
}

/** What answers which requests; `*` stands for an id. */
export type Api = Readonly<Record<string, (call: Call) => Reply>>;

/** What the page can ask of an emulator. */
export function apiOf(emulator: Emulator, changed: () => void): Api {
  const { endpoints, deliveries } = emulator;
  return {
    "GET /api/samples": () =>
      json(
        200,
        eventTypes.map((type) => createEvent(type)),
      ),

    "POST /api/events": ({ fields }) => {
      const made = emulator.emit(emissionIn(fields), { faults: faultsIn(fields), ...endpointsIn(fields) });
      return json(201, made.map(deliveryRow));
    },

    "GET /api/deliveries/*": ({ params: [key = ""] }) => json(200, deliveryDetail(deliveries.get(key))),
    "GET /api/deliveries/*/body": ({ params: [key = ""] }) => bytes(deliveries.get(key).body),
    "GET /api/deliveries/*/attempts/*/body": ({ params: [key = "", number] }) => {
      const isMeant = (attempt: Attempt) => attempt.number === Number(number);
      const attempt = deliveries.get(key).attempts.find(isMeant);
      if (attempt !== undefined) return bytes(attempt.request.body);
      throw new EmulatorError(
        "delivery_not_found",
        `There was no attempt ${number}: see the delivery for those there are.`,
      );
    },
    "POST /api/deliveries/*/replay": ({ params: [key = ""], fields }) =>
      json(201, deliveryRow(emulator.replay(key, { faults: faultsIn(fields) as readonly RequestFault[] }))),

    "POST /api/endpoints": ({ fields }) =>
      json(201, endpointView(endpoints.create(fields as unknown as WebhookInput))),
    "GET /api/endpoints/*/secret": ({ params: [id = ""] }) => json(200, { secret: endpoints.get(id).secret }),
    "PATCH /api/endpoints/*": ({ params: [id = ""], fields }) =>
      json(200, endpointView(endpoints.change(id, fields))),
    "PUT /api/endpoints/*/obstacle": ({ params: [id = ""], fields }) =>
      json(200, endpointView(endpoints.obstruct(id, obstacleIn(fields)))),
    "DELETE /api/endpoints/*": ({ params: [id = ""] }) => {
      endpoints.delete(id);
      return json(200, {});
    },

    "PATCH /api/settings": ({ fields: { speed } }) => {
      emulator.speed = speed === null ? Infinity : Number(speed);
      changed();
      return json(200, {});
    },
  };
}

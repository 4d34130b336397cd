import { eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";

import type { Attempt } from "../deliveries/attempt.js";
import type { Emulator } from "../emulator.js";
import type { WebhookInput } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import type { RequestFault } from "../faults/faults.js";
import { parseEmission, parseEndpoints, parseFaults, parseOverride } from "./parse-fields.js";
import { type Reply, bytesReply, jsonReply } from "./reply.js";
import { toDeliveryDetail, toDeliveryRow, toEndpointView } from "./to-view.js";

/** A request to the API. The emulator validates its fields. */
export interface ApiCall {
  /** The parts of the path that match a `*`, in order. */
  params: string[];
  /** The fields of its body; empty for `GET` and `DELETE`. */
  fields: Record<string, unknown>;
}

/** The handlers by method and path; `*` stands for an id. */
export type Api = Readonly<Record<string, (call: ApiCall) => Reply>>;

/** Creates the API that the page uses. */
export function createApi(emulator: Emulator, onSpeedChange: () => void): Api {
  const { endpoints, deliveries } = emulator;
  return {
    "GET /api/samples": () =>
      jsonReply(
        200,
        eventTypes.map((type) => createEvent(type)),
      ),

    "POST /api/events": ({ fields }) => {
      const deliveries = emulator.emit(parseEmission(fields), {
        faults: parseFaults(fields),
        ...parseEndpoints(fields),
      });
      return jsonReply(201, deliveries.map(toDeliveryRow));
    },

    "GET /api/deliveries/*": ({ params: [key = ""] }) =>
      jsonReply(200, toDeliveryDetail(deliveries.get(key))),
    "GET /api/deliveries/*/body": ({ params: [key = ""] }) => bytesReply(deliveries.get(key).body),
    "GET /api/deliveries/*/attempts/*/body": ({ params: [key = "", number] }) => {
      const hasNumber = (attempt: Attempt) => attempt.number === Number(number);
      const attempt = deliveries.get(key).attempts.find(hasNumber);
      if (attempt !== undefined) return bytesReply(attempt.request.body);
      throw new EmulatorError(
        "delivery_not_found",
        `Attempt ${number} does not exist: the delivery lists its attempts.`,
      );
    },
    "POST /api/deliveries/*/replay": ({ params: [key = ""], fields }) =>
      jsonReply(
        201,
        toDeliveryRow(emulator.replay(key, { faults: parseFaults(fields) as readonly RequestFault[] })),
      ),

    "POST /api/endpoints": ({ fields }) =>
      jsonReply(201, toEndpointView(endpoints.create(fields as unknown as WebhookInput))),
    "GET /api/endpoints/*/secret": ({ params: [id = ""] }) =>
      jsonReply(200, { secret: endpoints.get(id).secret }),
    "PATCH /api/endpoints/*": ({ params: [id = ""], fields }) =>
      jsonReply(200, toEndpointView(endpoints.change(id, fields))),
    "PUT /api/endpoints/*/override": ({ params: [id = ""], fields }) =>
      jsonReply(200, toEndpointView(endpoints.override(id, parseOverride(fields)))),
    "DELETE /api/endpoints/*": ({ params: [id = ""] }) => {
      endpoints.delete(id);
      return jsonReply(200, {});
    },

    "PATCH /api/settings": ({ fields: { speed } }) => {
      emulator.speed = speed === null ? Infinity : Number(speed);
      onSpeedChange();
      return jsonReply(200, {});
    },
  };
}

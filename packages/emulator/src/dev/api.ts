import { eventTypes } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";

import type { Emulator } from "../emulator.js";
import type { WebhookInput } from "../endpoints/endpoint.js";
import type { Api } from "./api-call.js";
import { createDeliveriesApi } from "./deliveries-api.js";
import { parseEmission, parseEndpoints, parseFaults, parseOverride } from "./parse-fields.js";
import type { ReportLog } from "./reports/report-log.js";
import { jsonReply } from "./reply.js";
import { toDeliveryRow, toEndpointView } from "./to-view.js";

/** Creates the API that the page uses. */
export function createApi(emulator: Emulator, reports: ReportLog, onSpeedChange: () => void): Api {
  const { endpoints, savedEvents } = emulator;
  return {
    ...createDeliveriesApi(emulator, reports),

    "GET /api/setup": () => jsonReply(200, { secret: emulator.secret }),
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

    "GET /api/saved-events/*": ({ params: [name = ""] }) => jsonReply(200, { event: savedEvents.get(name) }),
    "PUT /api/saved-events/*": ({ params: [name = ""], fields }) => {
      savedEvents.save(name, parseEmission(fields));
      return jsonReply(200, {});
    },
    "DELETE /api/saved-events/*": ({ params: [name = ""] }) => {
      savedEvents.delete(name);
      return jsonReply(200, {});
    },

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

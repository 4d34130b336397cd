import type { DeliveryDetail, DeliveryRow, EndpointView, Problem, ReplayResult } from "../../src/dev/view.js";
import type {
  WebhookChanges,
  WebhookInput,
  InboundRouteChanges,
  InboundRouteInput,
} from "../../src/endpoints/endpoint.js";
import type { RefusalReport } from "../../src/doctor/refusal-report.js";
import type { Fault } from "../../src/faults/faults.js";
import type { EndpointOverride } from "../../src/endpoints/endpoint-override.js";

/** A request that the emulator refused. The message says why, then what to do. */
export class ApiError extends Error {
  readonly code: string;

  constructor({ code, message }: Problem) {
    super(message);
    this.name = "ApiError";
    this.code = code;
  }
}

/** The fields of an event, as a form edits them. */
export type EventFields = Record<string, unknown>;

/** An event to send, with its faults and endpoints. */
export interface Emission {
  /** The fields of an event, or the exact body as a string. */
  event: EventFields | string;
  faults: readonly Fault[];
  endpoints?: string[];
}

/** The requests to the emulator. All reject with {@link ApiError}. */
export const api = {
  samples: () => ask<EventFields[]>("GET", "samples"),
  emit: (emission: Emission) => ask<DeliveryRow[]>("POST", "events", emission),
  delivery: (key: string) => ask<DeliveryDetail>("GET", deliveryPath(key)),
  explanation: async (key: string, attempt: number) =>
    (
      await ask<{ explanation: RefusalReport | null }>(
        "GET",
        `${deliveryPath(key)}/attempts/${attempt}/explanation`,
      )
    ).explanation,
  body: async (key: string) => (await request("GET", bodyUrl(key))).text(),
  retryNow: (key: string) => ask<object>("POST", `${deliveryPath(key)}/retry`, {}),
  cancel: (key: string) => ask<object>("POST", `${deliveryPath(key)}/cancel`, {}),
  replay: (key: string, options: { faults?: readonly Fault[]; newId?: boolean }) =>
    ask<DeliveryRow>("POST", `${deliveryPath(key)}/replay`, options),
  replayAll: (keys: readonly string[], newId: boolean) =>
    ask<ReplayResult>("POST", "replays", { keys, newId }),
  clear: () => ask<object>("DELETE", "deliveries"),
  savedEvent: async (name: string) =>
    (await ask<{ event: EventFields | string }>("GET", savedEventPath(name))).event,
  saveEvent: (name: string, event: EventFields | string) =>
    ask<object>("PUT", savedEventPath(name), { event }),
  deleteSavedEvent: (name: string) => ask<object>("DELETE", savedEventPath(name)),
  setup: () => ask<{ secret: string }>("GET", "setup"),
  createEndpoint: (input: WebhookInput | InboundRouteInput) => ask<EndpointView>("POST", "endpoints", input),
  changeEndpoint: (id: string, changes: WebhookChanges | InboundRouteChanges) =>
    ask<EndpointView>("PATCH", `endpoints/${id}`, changes),
  override: (id: string, override: EndpointOverride | null) =>
    ask<EndpointView>("PUT", `endpoints/${id}/override`, { override }),
  deleteEndpoint: (id: string) => ask<object>("DELETE", `endpoints/${id}`),
  secret: (id: string) => ask<{ secret: string }>("GET", `endpoints/${id}/secret`),
  setSpeed: (speed: number | null) => ask<object>("PATCH", "settings", { speed }),
};

/** Returns the URL of a delivery's body: as an attempt sent it, or before any fault altered a request. */
export function bodyUrl(key: string, attempt?: number): string {
  const delivery = `/api/${deliveryPath(key)}`;
  return attempt === undefined ? `${delivery}/body` : `${delivery}/attempts/${attempt}/body`;
}

function deliveryPath(key: string): string {
  return `deliveries/${encodeURIComponent(key)}`;
}

function savedEventPath(name: string): string {
  return `saved-events/${encodeURIComponent(name)}`;
}

async function ask<Result>(method: string, path: string, fields?: object): Promise<Result> {
  const response = await request(method, `/api/${path}`, fields);
  return (await response.json()) as Result;
}

async function request(method: string, url: string, fields?: object): Promise<Response> {
  const body = fields && { headers: { "content-type": "application/json" }, body: JSON.stringify(fields) };
  const response = await fetch(url, { method, ...body }).catch(() => undefined);
  if (response?.ok === true) return response;
  if (response !== undefined) throw new ApiError((await response.json()) as Problem);
  throw new ApiError({ code: "unreachable", message: "The emulator is not running: start it again." });
}

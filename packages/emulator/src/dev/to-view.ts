import type { Attempt } from "../deliveries/attempt.js";
import type { Delivery } from "../deliveries/delivery.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import type { ReportedDelivery } from "./reports/parse-reports.js";
import type { Origin } from "./reports/origin.js";
import type { AttemptView, DeliveryDetail, DeliveryRow, EndpointView } from "./view.js";

/** The subject of an event comes early in its body, so the rest need not be read. */
const READ_CHARACTERS = 4096;
const SUBJECT = /"(?:recipient|to|domain)":\s*("(?:[^"\\]|\\.)*")/;

/** Returns an endpoint without its secret. */
export function toEndpointView({ secret: _secret, ...endpoint }: Endpoint): EndpointView {
  return endpoint;
}

/** Returns a delivery as the list shows it. */
export function toDeliveryRow(delivery: Delivery): DeliveryRow {
  const { key, id, copy, type, endpointId, state, isInFlight, faults, createdAt, attempts } = delivery;
  const last = attempts.at(-1);
  const origin = readOrigin(delivery);
  return {
    key,
    id,
    copy,
    type,
    about: findSubject(delivery.body),
    endpointId,
    report: origin === undefined ? null : { origin, url: last?.request.url ?? "" },
    state,
    isInFlight,
    isFaulty: faults.length > 0,
    createdAt: createdAt.getTime(),
    attempts: last?.number ?? 0,
    status: last?.response?.status ?? null,
    error: last?.error?.code ?? null,
    latencyMs: last?.latencyMs ?? null,
    nextAttemptAt: delivery.nextAttemptAt?.getTime() ?? null,
  };
}

/** Returns a delivery with its attempts. */
export function toDeliveryDetail(delivery: Delivery, isDuplicate: boolean): DeliveryDetail {
  const { faults, attempts } = delivery;
  return { ...toDeliveryRow(delivery), faults, isDuplicate, attempts: attempts.map(toAttemptView) };
}

/** Returns the command that reported a delivery. */
function readOrigin(delivery: Delivery | ReportedDelivery): Origin | undefined {
  return "origin" in delivery ? delivery.origin : undefined;
}

function toAttemptView({ request, ...attempt }: Attempt): AttemptView {
  const { method, url, headers, body } = request;
  return {
    number: attempt.number,
    startedAt: attempt.startedAt.getTime(),
    latencyMs: attempt.latencyMs,
    request: { method, url, headers, bytes: Buffer.byteLength(body) },
    redirects: attempt.redirects,
    response: attempt.response ?? null,
    error: attempt.error ?? null,
    override: attempt.override ?? null,
    nextAttemptAt: attempt.nextAttemptAt?.getTime() ?? null,
  };
}

/** Searches without parsing: a body may be malformed, or as large as an inbound e-mail. */
function findSubject(body: string): string {
  const [, text] = SUBJECT.exec(body.slice(0, READ_CHARACTERS)) ?? [];
  try {
    return text === undefined ? "" : String(JSON.parse(text));
  } catch {
    return "";
  }
}

import { type Attempt, isDelivered } from "../../deliveries/attempt.js";
import type { Delivery } from "../../deliveries/delivery.js";
import { readPayload } from "../../deliveries/payload.js";
import type { CheckedRequest } from "../../check/probe/checked-request.js";
import { type AttemptReport, type DeliveryReport, toReportedBody } from "../../dev/reports/report.js";
import { explainRefusal } from "../../doctor/explain-refusal.js";
import type { RefusalReport } from "../../doctor/refusal-report.js";
import type { Arrival } from "../listener/listener.js";

/** Returns a delivery of an emulator as the page shows it. */
export function reportDelivery(key: string, delivery: Delivery, secret: string): DeliveryReport {
  const { id, copy, type, createdAt, state, nextAttemptAt, faults } = delivery;
  const options = { secret, isAltered: faults.length > 0 };
  return {
    key,
    id,
    copy,
    type,
    createdAt: createdAt.getTime(),
    state,
    nextAttemptAt: nextAttemptAt?.getTime() ?? null,
    isDuplicate: false,
    attempts: delivery.attempts.map((attempt) =>
      reportAttempt(attempt, explainRefusal(attempt, options) ?? null),
    ),
  };
}

/** Returns a request of a conformance check as the page shows it. */
export function reportCheck(key: string, checked: CheckedRequest): DeliveryReport {
  const { request, startedAt, latencyMs, redirects, reply: response, error } = checked;
  const attempt = {
    number: 1,
    startedAt,
    latencyMs,
    redirects,
    request,
    ...(response !== undefined && { response }),
    ...(error !== undefined && { error: { code: "no reply", message: error } }),
  };
  // Searching for the cause would keep the checks waiting, and some of them measure time.
  return reportOne(key, attempt, isDelivered(attempt) ? null : sentByCheck, false);
}

/** Returns a request that `listen` received as the page shows it. */
export function reportArrival(
  key: string,
  { request, verdict, forwarded }: Arrival,
  url: string,
): DeliveryReport {
  const { receivedAt, method, headers, body } = request;
  const { status, headers: replyHeaders, body: replyBody } = verdict.reply;
  const own = { status, headers: replyHeaders, body: replyBody };
  const response =
    forwarded === undefined
      ? own
      : "status" in forwarded
        ? {
            status: forwarded.status,
            headers: Object.fromEntries(forwarded.headers),
            body: Buffer.from(forwarded.body).toString(),
          }
        : undefined;
  const attempt = {
    number: 1,
    startedAt: receivedAt,
    latencyMs: forwarded?.latencyMs ?? 0,
    redirects: [],
    request: {
      method: method === "GET" ? ("GET" as const) : ("POST" as const),
      url: new URL(request.url, url).href,
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
      body,
    },
    ...(response !== undefined && { response }),
    ...(forwarded !== undefined && "error" in forwarded && { error: forwarded.error }),
  };
  const explanation: RefusalReport | null =
    verdict.kind === "refused"
      ? { code: verdict.code, verifies: false, causes: verdict.problems.map(({ message }) => message) }
      : null;
  return reportOne(key, attempt, explanation, verdict.kind === "duplicate");
}

const sentByCheck: RefusalReport = {
  code: null,
  verifies: null,
  causes: ["A check sent this request, and some must be refused: the output of check says which, and why."],
};

/** Returns a delivery that consists of one attempt. */
function reportOne(
  key: string,
  attempt: Attempt,
  explanation: RefusalReport | null,
  isDuplicate: boolean,
): DeliveryReport {
  const { request, startedAt } = attempt;
  return {
    key,
    id: request.headers["webhook-id"] ?? "",
    copy: 1,
    type: readPayload(Buffer.from(request.body).toString(), []).type,
    createdAt: startedAt.getTime(),
    state: isDelivered(attempt) ? "delivered" : "failed",
    nextAttemptAt: null,
    isDuplicate,
    attempts: [reportAttempt(attempt, explanation)],
  };
}

function reportAttempt(attempt: Attempt, explanation: RefusalReport | null): AttemptReport {
  const { number, startedAt, latencyMs, redirects, response, error, nextAttemptAt, request } = attempt;
  const { method, url, headers, body } = request;
  return {
    number,
    startedAt: startedAt.getTime(),
    latencyMs,
    redirects,
    ...(response !== undefined && { response }),
    ...(error !== undefined && { error }),
    nextAttemptAt: nextAttemptAt?.getTime() ?? null,
    request: { method, url, headers, body: toReportedBody(body) },
    explanation,
  };
}

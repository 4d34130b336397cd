import { STATUS_CODES } from "node:http";

import { type Attempt, isDelivered } from "../../deliveries/attempt.js";
import type { Delivery } from "../../deliveries/delivery.js";
import { formatDuration } from "../../doctor/format-duration.js";
import { toPrintable } from "../../to-printable.js";
import { paint } from "../output.js";
import { stateNames } from "../delivery-stats.js";

/** Formats an attempt in one line: its number, outcome and latency, and when the next one is due. */
export function attemptText(delivery: Delivery, attempt: Attempt): string {
  const { number, latencyMs, response, error, redirects, nextAttemptAt } = attempt;
  const succeeded = isDelivered(attempt);
  const what = response === undefined ? (error?.code ?? "") : statusText(response.status);
  const why = response === undefined ? (error?.message ?? "") : response.body;
  const parts = [
    `${copyText(delivery)}attempt ${number}`,
    paint(succeeded ? "green" : "red", what),
    `${Math.round(latencyMs)} ms`,
    ...redirects.map(({ status, url }) => `${status} to ${url}`),
    ...(nextAttemptAt === undefined ? [] : [`next in ${formatDuration(secondsUntil(nextAttemptAt))}`]),
    ...(succeeded ? [] : [toPrintable(why)]),
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/** Formats the outcome of a delivery in one line. */
export function deliveryText(delivery: Pick<Delivery, "copy" | "state" | "attempts">): string {
  const { state, attempts } = delivery;
  const plural = attempts.length === 1 ? "" : "s";
  const colour = state === "delivered" ? "green" : "red";
  return `${copyText(delivery)}${paint(colour, stateNames[state])} after ${attempts.length} attempt${plural}`;
}

/** Returns a delivery that has ended for JSON output. */
export function deliveryData({
  id,
  copy,
  type,
  state,
  attempts,
}: Pick<Delivery, "id" | "copy" | "type" | "state" | "attempts">): object {
  return { kind: "delivery", deliveryId: id, copy, type, state, attempts: attempts.length };
}

function copyText({ copy }: Pick<Delivery, "copy">): string {
  return copy === 1 ? "" : `copy ${copy}: `;
}

/** Returns an attempt for JSON output. */
export function attemptData(delivery: Delivery, attempt: Attempt): object {
  const { number, startedAt, latencyMs, request, redirects, response, error, nextAttemptAt } = attempt;
  return {
    kind: "attempt",
    deliveryId: delivery.id,
    copy: delivery.copy,
    type: delivery.type,
    number,
    startedAt,
    latencyMs: Math.round(latencyMs * 10) / 10,
    url: request.url,
    redirects,
    status: response?.status ?? null,
    reply: response?.body ?? null,
    error: error ?? null,
    nextAttemptAt: nextAttemptAt ?? null,
  };
}

/** Formats when the next attempt is due; an empty string if none is. */
export function nextText(deliveries: readonly Delivery[]): string {
  const times = deliveries.flatMap(({ nextAttemptAt }) => nextAttemptAt?.getTime() ?? []);
  return times.length === 0
    ? ""
    : `next attempt in ${formatDuration(secondsUntil(new Date(Math.min(...times))))}`;
}

/** Returns 0 for a time in the past. */
function secondsUntil(time: Date): number {
  return Math.max(time.getTime() - Date.now(), 0) / 1000;
}

/** Formats a status with its reason: `500 Internal Server Error`. */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

import { type Attempt, isDelivered } from "../../deliveries/attempt.js";
import type { Delivery } from "../../deliveries/delivery.js";
import { formatDuration } from "../../doctor/format-duration.js";
import { toPrintable } from "../../to-printable.js";
import { paint } from "../output.js";
import { stateNames } from "../delivery-stats.js";
import { statusText } from "./status-text.js";

/** An attempt in one line: its number, what came of it, how long it took, and when the next is due. */
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

/** What came of a delivery in the end, in one line. */
export function deliveryText(delivery: Delivery): string {
  const { state, attempts } = delivery;
  const plural = attempts.length === 1 ? "" : "s";
  const colour = state === "delivered" ? "green" : "red";
  return `${copyText(delivery)}${paint(colour, stateNames[state])} after ${attempts.length} attempt${plural}`;
}

/** A delivery for programs, when it is over. */
export function deliveryData({ id, copy, type, state, attempts }: Delivery): object {
  return { kind: "delivery", deliveryId: id, copy, type, state, attempts: attempts.length };
}

function copyText({ copy }: Delivery): string {
  return copy === 1 ? "" : `copy ${copy}: `;
}

/** An attempt for programs. */
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
    answer: response?.body ?? null,
    error: error ?? null,
    nextAttemptAt: nextAttemptAt ?? null,
  };
}

/** When the next attempt is due, in words; nothing when none is. */
export function nextText(deliveries: readonly Delivery[]): string {
  const times = deliveries.flatMap(({ nextAttemptAt }) => nextAttemptAt?.getTime() ?? []);
  return times.length === 0
    ? ""
    : `next attempt in ${formatDuration(secondsUntil(new Date(Math.min(...times))))}`;
}

/** 0 when the time is over. */
function secondsUntil(time: Date): number {
  return Math.max(time.getTime() - Date.now(), 0) / 1000;
}

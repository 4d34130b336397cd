import { STATUS_CODES } from "node:http";

import { type Attempt, isDelivered } from "../attempt.js";
import type { Delivery } from "../delivery.js";
import { inWords } from "../doctor/in-words.js";
import { paint } from "./output.js";

/** How much of an answer is shown. */
const SHOWN_CHARACTERS = 200;

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
    ...(nextAttemptAt === undefined ? [] : [`next in ${inWords(secondsUntil(nextAttemptAt))}`]),
    ...(succeeded ? [] : [printable(why)]),
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/** What came of a delivery in the end, in one line. */
export function deliveryText(delivery: Delivery): string {
  const { state, attempts } = delivery;
  const plural = attempts.length === 1 ? "" : "s";
  const [colour, what] = ENDS[state];
  return `${copyText(delivery)}${paint(colour, what)} after ${attempts.length} attempt${plural}`;
}

const ENDS = {
  delivered: ["green", "acknowledged"],
  failed: ["red", "given up"],
  cancelled: ["red", "cancelled: the endpoint was switched off"],
  pending: ["yellow", "interrupted"],
} as const;

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

/** How long it is until a time; 0 when that is over. */
export function secondsUntil(time: Date): number {
  return Math.max(time.getTime() - Date.now(), 0) / 1000;
}

/** `500 Internal Server Error` */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

/** A foreign text as it may stand in one line of a terminal: without control characters, and not too long. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, " ").trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}

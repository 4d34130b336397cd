import { contract } from "@ahasend-webhooks/core/contract";

import type { AttemptView, DeliveryRow } from "../../src/dev/view.js";
import { now } from "./clock.js";
import type { IconName } from "./components/shared/icon.js";
import { endpoints } from "./state.js";

/** The progress of a delivery as the page shows it. */
export interface Progress {
  label: "Sending" | "Paused" | "Waiting" | "Retrying" | "Delivered" | "Failed" | "Not reached" | "Cancelled";
  tone: "plain" | "busy" | "good" | "warn" | "bad";
  icon: IconName;
}

/** Returns the progress of a delivery. */
export function toProgress({
  state,
  isInFlight,
  attempts,
  endpointId,
  nextAttemptAt,
  error,
}: DeliveryRow): Progress {
  if (state === "delivered") return { label: "Delivered", tone: "good", icon: "check" };
  if (state === "failed" && error === "remote_address") {
    return { label: "Not reached", tone: "bad", icon: "ban" };
  }
  if (state === "failed") return { label: "Failed", tone: "bad", icon: "cross" };
  if (state === "cancelled") return { label: "Cancelled", tone: "plain", icon: "ban" };
  if (isInFlight) return { label: "Sending", tone: "busy", icon: "arrow" };
  const isPaused = endpoints.value.get(endpointId)?.override?.kind === "pause";
  if (isPaused && (nextAttemptAt ?? 0) <= now()) return { label: "Paused", tone: "plain", icon: "pause" };
  if (attempts > 0) return { label: "Retrying", tone: "warn", icon: "retry" };
  return { label: "Waiting", tone: "busy", icon: "clock" };
}

/** Returns the status or the error of the last attempt; empty before the first. */
export function describeResult({ status, error }: Pick<DeliveryRow, "status" | "error">): string {
  return error ?? (status === null ? "" : String(status));
}

/** Returns the largest number of attempts that a delivery gets. */
export function countMaxAttempts({ endpointId, type }: Pick<DeliveryRow, "endpointId" | "type">): number {
  const kind = endpoints.value.get(endpointId)?.kind ?? (type === "message.routing" ? "route" : "webhook");
  return contract.maxAttempts[kind];
}

/** Returns whether anything of an attempt was sent: the emulator refuses to reach other machines. */
export function isSent({ error, redirects }: Pick<AttemptView, "error" | "redirects">): boolean {
  return error?.code !== "remote_address" || redirects.length > 0;
}

/** Returns whether a response acknowledges a delivery. */
export function isAcknowledged(response: AttemptView["response"]): boolean {
  return response !== null && response.status >= 200 && response.status < 300;
}

import type { AttemptView, DeliveryRow } from "../../src/dev/view.js";
import { now } from "./clock.js";
import type { IconName } from "./components/shared/icon.js";
import { endpoints } from "./state.js";

/** How it stands with a delivery, in a word. */
export interface Progress {
  label: "Sending" | "Paused" | "Waiting" | "Retrying" | "Delivered" | "Given up" | "Cancelled";
  tone: "plain" | "busy" | "good" | "warn" | "bad";
  icon: IconName;
}

/** Says how it stands with a delivery. */
export function toProgress({
  state,
  isInFlight,
  attempts,
  endpointId,
  nextAttemptAt,
}: DeliveryRow): Progress {
  if (state === "delivered") return { label: "Delivered", tone: "good", icon: "check" };
  if (state === "failed") return { label: "Given up", tone: "bad", icon: "cross" };
  if (state === "cancelled") return { label: "Cancelled", tone: "plain", icon: "ban" };
  if (isInFlight) return { label: "Sending", tone: "busy", icon: "arrow" };
  const isPaused = endpoints.value.get(endpointId)?.obstacle?.kind === "pause";
  if (isPaused && (nextAttemptAt ?? 0) <= now()) return { label: "Paused", tone: "plain", icon: "pause" };
  if (attempts > 0) return { label: "Retrying", tone: "warn", icon: "retry" };
  return { label: "Waiting", tone: "busy", icon: "clock" };
}

/** What the last attempt came to: a status, an error, or nothing yet. */
export function describeResult({ status, error }: Pick<DeliveryRow, "status" | "error">): string {
  return error ?? (status === null ? "" : String(status));
}

/** Whether an answer acknowledges a delivery. */
export function isAcknowledged(response: AttemptView["response"]): boolean {
  return response !== null && response.status >= 200 && response.status < 300;
}

/** What an endpoint is called: its name, or what is left of one that was deleted. */
export function endpointName(id: string): string {
  return endpoints.value.get(id)?.name ?? "deleted endpoint";
}

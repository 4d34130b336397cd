import { type RecordableHistogram, createHistogram } from "node:perf_hooks";

import type { Attempt } from "../deliveries/attempt.js";
import type { Delivery, DeliveryState } from "../deliveries/delivery.js";
import { exitCodes } from "./exit.js";
import { toRemoteAddressError } from "./remote-address.js";

/** Counts attempts and deliveries without keeping them. */
export class DeliveryStats {
  readonly #states: Record<DeliveryState, number> = { delivered: 0, failed: 0, cancelled: 0, pending: 0 };
  /** By status, or by error code. */
  readonly #outcomes: Record<string, number> = {};
  readonly #latencyMicroseconds: RecordableHistogram = createHistogram();
  #attempts = 0;
  #remoteAddress: string | undefined;

  /** Counts an attempt. */
  addAttempt({ latencyMs, response, error }: Attempt): void {
    const outcome = String(response?.status ?? error?.code);
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    this.#latencyMicroseconds.record(Math.max(Math.round(latencyMs * 1000), 1));
    this.#attempts += 1;
    if (error?.code === "remote_address") this.#remoteAddress = error.message;
  }

  /** Counts a delivery that has ended, or was interrupted. */
  addDelivery({ state }: Pick<Delivery, "state">): void {
    this.#states[state] += 1;
  }

  /** The number of attempts counted. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The number of deliveries counted. */
  get count(): number {
    return Object.values(this.#states).reduce((sum, count) => sum + count);
  }

  /** Returns the counts for JSON output. */
  summary() {
    const latency = this.#latencyMicroseconds;
    const ms = (microseconds: number) => Math.round(microseconds / 100) / 10;
    return {
      deliveries: { ...this.#states },
      attempts: this.#attempts,
      outcomes: { ...this.#outcomes },
      latencyMs: {
        median: ms(latency.percentile(50)),
        p95: ms(latency.percentile(95)),
        max: this.#attempts === 0 ? 0 : ms(latency.max),
      },
    };
  }

  /**
   * Returns the exit code that sums up the deliveries.
   *
   * @throws {UsageError} when one was addressed to another machine
   */
  exitCode(): number {
    if (this.#remoteAddress !== undefined) throw toRemoteAddressError(this.#remoteAddress);
    if (this.#states.pending > 0) return exitCodes.interrupted;
    return this.#states.delivered === this.count ? exitCodes.ok : exitCodes.failed;
  }
}

/** The states of a delivery in text output. */
export const stateNames = {
  delivered: "acknowledged",
  failed: "given up",
  cancelled: "cancelled",
  pending: "interrupted",
} as const satisfies Record<DeliveryState, string>;

/** Sums up the counts in one line. */
export function statsText(stats: DeliveryStats): string {
  const { deliveries, attempts, outcomes, latencyMs } = stats.summary();
  const states = Object.entries(stateNames)
    .map(([state, name]) => ({ name, count: deliveries[state as DeliveryState] }))
    .filter(({ name, count }) => count > 0 || name === stateNames.delivered)
    .map(({ name, count }) => `${count} ${name}`);
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} × ${count}`);
  return `${states.join(", ")}; attempts: ${attempts} (${counts.join(", ")}); median ${latencyMs.median} ms, longest ${latencyMs.max} ms`;
}

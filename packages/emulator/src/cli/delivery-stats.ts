import { type RecordableHistogram, createHistogram } from "node:perf_hooks";

import type { Attempt } from "../deliveries/attempt.js";
import type { Delivery, DeliveryState } from "../deliveries/delivery.js";
import { exitCodes } from "./exit.js";
import { toRemoteAddressError } from "./remote-address.js";

/** Counts attempts and deliveries, however many, and forgets them. */
export class DeliveryStats {
  readonly #states: Record<DeliveryState, number> = { delivered: 0, failed: 0, cancelled: 0, pending: 0 };
  /** By status, or by the code of the error. */
  readonly #answers: Record<string, number> = {};
  readonly #latencyMicroseconds: RecordableHistogram = createHistogram();
  #attempts = 0;
  #remoteAddress: string | undefined;

  /** Counts an attempt that has been made. */
  addAttempt({ latencyMs, response, error }: Attempt): void {
    const answer = String(response?.status ?? error?.code);
    this.#answers[answer] = (this.#answers[answer] ?? 0) + 1;
    this.#latencyMicroseconds.record(Math.max(Math.round(latencyMs * 1000), 1));
    this.#attempts += 1;
    if (error?.code === "remote_address") this.#remoteAddress = error.message;
  }

  /** Counts a delivery that is over, or was broken off. */
  addDelivery({ state }: Delivery): void {
    this.#states[state] += 1;
  }

  /** How many deliveries are over. */
  get over(): number {
    return Object.values(this.#states).reduce((sum, count) => sum + count);
  }

  /** What has been counted, for programs. */
  summary() {
    const latency = this.#latencyMicroseconds;
    const ms = (microseconds: number) => Math.round(microseconds / 100) / 10;
    return {
      deliveries: { ...this.#states },
      attempts: this.#attempts,
      answers: { ...this.#answers },
      latencyMs: {
        median: ms(latency.percentile(50)),
        p95: ms(latency.percentile(95)),
        max: this.#attempts === 0 ? 0 : ms(latency.max),
      },
    };
  }

  /**
   * What the exit status says about it all.
   *
   * @throws {UsageError} when something was to go to another machine
   */
  exitCode(): number {
    if (this.#remoteAddress !== undefined) throw toRemoteAddressError(this.#remoteAddress);
    if (this.#states.pending > 0) return exitCodes.interrupted;
    return this.#states.delivered === this.over ? exitCodes.ok : exitCodes.failed;
  }
}

/** How the states of a delivery are called in front of people. */
export const stateNames = {
  delivered: "acknowledged",
  failed: "given up",
  cancelled: "cancelled",
  pending: "interrupted",
} as const satisfies Record<DeliveryState, string>;

/** What has been counted, in one line. */
export function statsText(tally: DeliveryStats): string {
  const { deliveries, attempts, answers, latencyMs } = tally.summary();
  const states = Object.entries(stateNames)
    .map(([state, name]) => ({ name, count: deliveries[state as DeliveryState] }))
    .filter(({ name, count }) => count > 0 || name === stateNames.delivered)
    .map(({ name, count }) => `${count} ${name}`);
  const counts = Object.entries(answers).map(([answer, count]) => `${answer} × ${count}`);
  return `${states.join(", ")}; attempts: ${attempts} (${counts.join(", ")}); median ${latencyMs.median} ms, longest ${latencyMs.max} ms`;
}

import type { ReportedDelivery } from "./parse-reports.js";

const MAX_DELIVERIES = 1000;
const MAX_BYTES = 100_000_000;

/** The latest deliveries that other commands have reported. */
export class ReportLog {
  readonly #deliveries = new Map<string, ReportedDelivery>();
  readonly #onChange: (delivery: ReportedDelivery) => void;
  #bytes = 0;

  /** @param onChange called with each delivery that was added or replaced */
  constructor(onChange: (delivery: ReportedDelivery) => void) {
    this.#onChange = onChange;
  }

  list(): ReportedDelivery[] {
    return [...this.#deliveries.values()];
  }

  find(key: string): ReportedDelivery | undefined {
    return this.#deliveries.get(key);
  }

  add(delivery: ReportedDelivery): void {
    const replaced = this.#deliveries.get(delivery.key);
    this.#bytes += countBytes(delivery) - (replaced === undefined ? 0 : countBytes(replaced));
    this.#deliveries.set(delivery.key, delivery);
    for (const oldest of this.#deliveries.values()) {
      if (this.#deliveries.size <= MAX_DELIVERIES && this.#bytes <= MAX_BYTES) break;
      this.#bytes -= countBytes(oldest);
      this.#deliveries.delete(oldest.key);
    }
    this.#onChange(delivery);
  }

  clear(): void {
    this.#deliveries.clear();
    this.#bytes = 0;
  }
}

/** Returns the approximate memory that the bodies of a delivery take. */
function countBytes({ attempts }: ReportedDelivery): number {
  return attempts.reduce((sum, { request }) => sum + request.body.length, 0);
}

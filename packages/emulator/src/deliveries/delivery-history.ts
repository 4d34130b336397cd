import { EmulatorError } from "../errors.js";
import type { Delivery, DeliveryRecord } from "./delivery.js";

/** The deliveries of an emulator: all pending ones, and the latest of the others. */
export interface Deliveries {
  /** Returns the deliveries, oldest first. */
  list(): Delivery[];
  /**
   * Returns the delivery with an id or key; for an id with several copies, the latest copy.
   *
   * @throws {EmulatorError} `delivery_not_found`
   */
  get(idOrKey: string): Delivery;
  /** Forgets the deliveries that have ended. Pending ones stay, and are delivered. */
  clear(): void;
}

/** Limits on the settled deliveries in a history. */
export interface HistoryLimits {
  deliveries: number;
  bytes: number;
}

/** Keeps deliveries, and drops the oldest settled ones, so that memory stays flat. */
export class DeliveryHistory implements Deliveries {
  readonly #limits: HistoryLimits;
  readonly #onClear: () => void;
  readonly #deliveries = new Map<string, DeliveryRecord>();
  /** Settled deliveries and their sizes, in the order in which they settled. */
  readonly #settled = new Map<DeliveryRecord, number>();
  #settledBytes = 0;

  /** @param onClear called when the history was cleared */
  constructor(limits: HistoryLimits, onClear: () => void) {
    this.#limits = limits;
    this.#onClear = onClear;
  }

  add(delivery: DeliveryRecord): void {
    this.#deliveries.set(delivery.key, delivery);
  }

  /** Allows a settled delivery to be dropped. */
  release(delivery: DeliveryRecord): void {
    const bytes = estimateBytes(delivery);
    this.#settled.set(delivery, bytes);
    this.#settledBytes += bytes;
    for (const [oldest, oldestBytes] of this.#settled) {
      if (this.#settled.size <= this.#limits.deliveries && this.#settledBytes <= this.#limits.bytes) break;
      this.#settled.delete(oldest);
      this.#settledBytes -= oldestBytes;
      this.#deliveries.delete(oldest.key);
    }
  }

  clear(): void {
    for (const { key } of this.#settled.keys()) this.#deliveries.delete(key);
    this.#settled.clear();
    this.#settledBytes = 0;
    this.#onClear();
  }

  /** Returns the number of the latest copy of a delivery; 0 if there is none. */
  findLatestCopy(id: string): number {
    return this.list().reduce(
      (latest, other) => (other.id === id ? Math.max(latest, other.copy) : latest),
      0,
    );
  }

  list(): DeliveryRecord[] {
    return [...this.#deliveries.values()];
  }

  get(idOrKey: string): DeliveryRecord {
    const delivery = this.#deliveries.get(idOrKey) ?? this.list().findLast(({ id }) => id === idOrKey);
    if (delivery !== undefined) return delivery;
    throw new EmulatorError(
      "delivery_not_found",
      `There is no delivery ${idOrKey}: if it has been dropped from the history, raise journalLimit.`,
    );
  }
}

/** Returns the approximate memory that the strings of a delivery take. */
function estimateBytes({ body, attempts }: DeliveryRecord): number {
  return attempts.reduce((sum, { request, response }) => {
    // A request without faults shares the string of the body.
    const bodyBytes = request.body === body ? 0 : request.body.length;
    return sum + bodyBytes + (response?.body.length ?? 0);
  }, body.length);
}

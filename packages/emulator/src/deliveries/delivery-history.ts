import type { Delivery, DeliveryRecord } from "./delivery.js";
import { EmulatorError } from "../errors.js";

/** The deliveries of an emulator: all that are pending, and the newest of the others. */
export interface Deliveries {
  /** In the order in which they were made. */
  list(): Delivery[];
  /**
   * The delivery with an id, or with the key of one of its copies; of several copies the newest.
   *
   * @throws {EmulatorError} `delivery_not_found`
   */
  get(idOrKey: string): Delivery;
}

/** How much is remembered of what is over. */
export interface HistoryLimits {
  deliveries: number;
  bytes: number;
}

/** Remembers deliveries, and forgets the oldest that are over, so that memory stays flat. */
export class DeliveryHistory implements Deliveries {
  readonly #limits: HistoryLimits;
  readonly #deliveries = new Map<string, DeliveryRecord>();
  /** Those that are over, with their size, in the order in which they ended. */
  readonly #over = new Map<DeliveryRecord, number>();
  #overBytes = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  add(delivery: DeliveryRecord): void {
    this.#deliveries.set(delivery.key, delivery);
  }

  /** Says that a delivery is over, and may be forgotten one day. */
  release(delivery: DeliveryRecord): void {
    const bytes = estimateBytes(delivery);
    this.#over.set(delivery, bytes);
    this.#overBytes += bytes;
    for (const [oldest, oldestBytes] of this.#over) {
      if (this.#over.size <= this.#limits.deliveries && this.#overBytes <= this.#limits.bytes) break;
      this.#over.delete(oldest);
      this.#overBytes -= oldestBytes;
      this.#deliveries.delete(oldest.key);
    }
  }

  /** The number of the newest copy of a delivery. */
  findLatestCopy(id: string): number {
    return this.list().reduce(
      (newest, other) => (other.id === id ? Math.max(newest, other.copy) : newest),
      0,
    );
  }

  list(): DeliveryRecord[] {
    return [...this.#deliveries.values()];
  }

  get(idOrKey: string): DeliveryRecord {
    const found = this.#deliveries.get(idOrKey) ?? this.list().findLast(({ id }) => id === idOrKey);
    if (found !== undefined) return found;
    throw new EmulatorError(
      "delivery_not_found",
      `There is no delivery ${idOrKey}: it may be older than the journal goes back (journalLimit).`,
    );
  }
}

/** About what the texts take that a delivery holds on to. */
function estimateBytes({ body, attempts }: DeliveryRecord): number {
  return attempts.reduce((sum, { request, response }) => {
    // A sound request shares the text of the body.
    const own = request.body === body ? 0 : request.body.length;
    return sum + own + (response?.body.length ?? 0);
  }, body.length);
}

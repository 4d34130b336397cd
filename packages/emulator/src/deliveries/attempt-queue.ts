import type { DeliveryRecord } from "./delivery.js";

/** The deliveries of one endpoint whose attempt is due, and how many attempts are being made. */
interface Lane {
  due: Set<DeliveryRecord>;
  running: number;
}

/** Makes the attempts that are due in their order, so many at the same time for each endpoint. */
export class AttemptQueue {
  readonly #lanes = new Map<string, Lane>();
  readonly #concurrency: number;
  readonly #attempt: (delivery: DeliveryRecord) => Promise<void>;
  readonly #emptied: () => void;
  #closed = false;

  /**
   * @param attempt makes one attempt; must not reject
   * @param emptied told when a lane has become empty
   */
  constructor(
    concurrency: number,
    attempt: (delivery: DeliveryRecord) => Promise<void>,
    emptied: () => void,
  ) {
    this.#concurrency = concurrency;
    this.#attempt = attempt;
    this.#emptied = emptied;
  }

  /** Whether no attempt is due or being made. */
  get areEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  add(delivery: DeliveryRecord): void {
    const lane = this.#lanes.get(delivery.endpointId) ?? { due: new Set(), running: 0 };
    this.#lanes.set(delivery.endpointId, lane);
    lane.due.add(delivery);
    this.#work(delivery.endpointId, lane);
  }

  /** Takes back a delivery whose attempt has not begun. */
  remove(delivery: DeliveryRecord): void {
    this.#lanes.get(delivery.endpointId)?.due.delete(delivery);
  }

  /** Begins no attempt any more. */
  close(): void {
    this.#closed = true;
    for (const { due } of this.#lanes.values()) due.clear();
  }

  #work(endpointId: string, lane: Lane): void {
    for (const delivery of lane.due) {
      if (lane.running >= this.#concurrency || this.#closed) return;
      lane.due.delete(delivery);
      lane.running += 1;
      void this.#attempt(delivery).finally(() => {
        lane.running -= 1;
        this.#work(endpointId, lane);
        if (lane.running > 0) return;
        this.#lanes.delete(endpointId);
        this.#emptied();
      });
    }
  }
}

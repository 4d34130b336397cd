import type { DeliveryRecord } from "./delivery.js";

/** The due deliveries of one endpoint, and the number of attempts in flight. */
interface EndpointQueue {
  due: Set<DeliveryRecord>;
  inFlight: number;
}

/** Options of an {@link AttemptQueue}. */
export interface AttemptQueueOptions {
  /** Attempts at the same time, per endpoint. */
  concurrency: number;
  /** Makes an attempt. Must not reject. */
  attempt: (delivery: DeliveryRecord) => Promise<void>;
  /** Called when the queue of an endpoint has become empty. */
  onEmpty: () => void;
}

/** Makes due attempts in order, with a concurrency limit for each endpoint. */
export class AttemptQueue {
  readonly #options: AttemptQueueOptions;
  readonly #queues = new Map<string, EndpointQueue>();
  #isClosed = false;

  constructor(options: AttemptQueueOptions) {
    this.#options = options;
  }

  /** `true` if no attempt is due or in flight. */
  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  add(delivery: DeliveryRecord): void {
    const queue = this.#queues.get(delivery.endpointId) ?? { due: new Set(), inFlight: 0 };
    this.#queues.set(delivery.endpointId, queue);
    queue.due.add(delivery);
    this.#start(delivery.endpointId, queue);
  }

  /** Removes a delivery whose attempt has not started. */
  remove(delivery: DeliveryRecord): void {
    this.#queues.get(delivery.endpointId)?.due.delete(delivery);
  }

  /** Stops starting attempts. */
  close(): void {
    this.#isClosed = true;
    for (const { due } of this.#queues.values()) due.clear();
  }

  #start(endpointId: string, queue: EndpointQueue): void {
    for (const delivery of queue.due) {
      if (queue.inFlight >= this.#options.concurrency || this.#isClosed) return;
      queue.due.delete(delivery);
      queue.inFlight += 1;
      void this.#options.attempt(delivery).finally(() => {
        queue.inFlight -= 1;
        this.#start(endpointId, queue);
        if (queue.inFlight > 0) return;
        this.#queues.delete(endpointId);
        this.#options.onEmpty();
      });
    }
  }
}

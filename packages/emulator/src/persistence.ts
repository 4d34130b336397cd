import { type DeliveryParts, DeliveryRecord } from "./delivery.js";
import type { Endpoint, Mutable } from "./endpoint.js";
import type { State } from "./state.js";

/** What a delivery has gone through so far. */
interface Progress {
  failures: number;
  nextAttemptAt: number;
}

/** Writes endpoints and pending deliveries to a state, and reads them back. */
export class Persistence {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** What was kept by the last run. */
  restore(): { endpoints: Mutable<Endpoint>[]; deliveries: DeliveryRecord[] } {
    const values = new Map(this.#state.entries());
    const under = (prefix: string) =>
      [...values].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
    const deliveries = under("delivery/").map((value) => {
      const { createdAt, ...parts } = value as Omit<DeliveryParts, "createdAt"> & { createdAt: number };
      const delivery = new DeliveryRecord({ ...parts, createdAt: new Date(createdAt) });
      const progress = values.get(`progress/${delivery.key}`) as Progress | undefined;
      if (progress !== undefined) {
        delivery.failures = progress.failures;
        delivery.nextAttemptAt = new Date(progress.nextAttemptAt);
      }
      return delivery;
    });
    return { endpoints: under("endpoint/") as Mutable<Endpoint>[], deliveries };
  }

  keepEndpoint(endpoint: Endpoint): void {
    this.#state.set(`endpoint/${endpoint.id}`, endpoint);
  }

  forgetEndpoint({ id }: Endpoint): void {
    this.#state.delete(`endpoint/${id}`);
  }

  /** Keeps a new delivery: from here on it will be carried to its end. */
  keepDelivery(delivery: DeliveryRecord): void {
    const { id, copy, endpointId, type, body, faults, createdAt } = delivery;
    const parts = { id, copy, endpointId, type, body, faults, createdAt: createdAt.getTime() };
    this.#state.set(`delivery/${delivery.key}`, parts);
  }

  /** Keeps how far a delivery has come, or forgets it when it is over. */
  update({ key, state, isInFlight, failures, nextAttemptAt }: DeliveryRecord): void {
    if (state !== "pending") {
      this.#state.delete(`progress/${key}`);
      this.#state.delete(`delivery/${key}`);
    } else if (!isInFlight && nextAttemptAt !== undefined) {
      this.#state.set(`progress/${key}`, { failures, nextAttemptAt: nextAttemptAt.getTime() });
    }
  }

  close(): void {
    this.#state.close();
  }
}

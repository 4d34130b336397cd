import { DeliveryRecord } from "../deliveries/delivery.js";
import type { Endpoint, Mutable } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import { parseDelivery, parseEndpoint, parseProgress } from "./parse-entries.js";
import { STATE_CURE } from "./read-state-file.js";
import type { State } from "./state-file.js";

/** Writes endpoints and pending deliveries to a state, and reads them back. */
export class Persistence {
  readonly #state: State;
  readonly #path: string;

  /** @param path of the state, for messages */
  constructor(state: State, path = "") {
    this.#state = state;
    this.#path = path;
  }

  /**
   * Reads what the last run has kept, and begins to write.
   *
   * @throws {EmulatorError} `state_unusable` for what is not an endpoint or a delivery; then the file stays as it is
   */
  restore(): { endpoints: Mutable<Endpoint>[]; deliveries: DeliveryRecord[] } {
    const values = new Map(this.#state.entries());
    const endpoints = this.#under("endpoint/", values, parseEndpoint, ({ id }) => id);
    const kept = this.#under("delivery/", values, parseDelivery, ({ id, copy }) => `${id}/${copy}`);
    const progress = this.#under("progress/", values, parseProgress);
    const deliveries = [...kept.values()].map(({ createdAt, ...parts }) => {
      const delivery = new DeliveryRecord({ ...parts, createdAt: new Date(createdAt) });
      const { failures = 0, nextAttemptAt = createdAt } = progress.get(delivery.key) ?? {};
      delivery.failures = failures;
      delivery.nextAttemptAt = new Date(nextAttemptAt);
      return delivery;
    });
    this.#state.start();
    return { endpoints: [...endpoints.values()], deliveries };
  }

  /** Reads all values of a kind. */
  #under<Value>(
    prefix: string,
    values: ReadonlyMap<string, unknown>,
    parse: (value: unknown) => Value,
    nameOf?: (value: Value) => string,
  ): Map<string, Value> {
    const parsed = new Map<string, Value>();
    for (const [key, value] of values) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      try {
        const one = parse(value);
        if (nameOf !== undefined && nameOf(one) !== name) throw new TypeError("Its id is another one.");
        parsed.set(name, one);
      } catch (cause) {
        const message = `${this.#path} has an entry that is not understood (${key}): ${STATE_CURE}.`;
        throw new EmulatorError("state_unusable", message, { cause });
      }
    }
    return parsed;
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

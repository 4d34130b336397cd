import { DeliveryRecord } from "../deliveries/delivery.js";
import type { Emission } from "../deliveries/fan-out.js";
import type { Endpoint, Mutable } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import { assertSavedEvent } from "../saved-events.js";
import { parseDelivery, parseEndpoint, parseProgress } from "./parse-entries.js";
import { STATE_FILE_CURE } from "./read-state-file.js";
import { type State, StateFile, noState } from "./state-file.js";

/**
 * Opens the state file; without a path, nothing is kept.
 *
 * @throws {EmulatorError} `state_unusable`
 */
export function openPersistence({
  state: path,
  onWarning,
}: {
  state: string | undefined;
  onWarning: (message: string) => void;
}): Persistence {
  return new Persistence(path === undefined ? noState : new StateFile(path, onWarning), path);
}

/** Writes endpoints and pending deliveries to a state, and restores them. */
export class Persistence {
  readonly #state: State;
  readonly #path: string;

  /** @param path of the state, for messages */
  constructor(state: State, path = "") {
    this.#state = state;
    this.#path = path;
  }

  /**
   * Reads the state of the last run, and starts to write.
   *
   * @throws {EmulatorError} `state_unusable` for an entry that is not valid; the file is not changed then
   */
  restore(): {
    endpoints: Mutable<Endpoint>[];
    deliveries: DeliveryRecord[];
    events: ReadonlyMap<string, Emission>;
  } {
    const entries = new Map(this.#state.entries());
    const endpoints = this.#parseEntries("endpoint/", entries, parseEndpoint, ({ id }) => id);
    const stored = this.#parseEntries("delivery/", entries, parseDelivery, ({ id, copy }) => `${id}/${copy}`);
    const progress = this.#parseEntries("progress/", entries, parseProgress);
    const events = this.#parseEntries("event/", entries, parseEvent);
    const deliveries = [...stored.values()].map(({ createdAt, ...parts }) => {
      const delivery = new DeliveryRecord({ ...parts, createdAt: new Date(createdAt) });
      const { failures = 0, nextAttemptAt = createdAt } = progress.get(delivery.key) ?? {};
      delivery.failures = failures;
      delivery.nextAttemptAt = new Date(nextAttemptAt);
      return delivery;
    });
    this.#state.start();
    return { endpoints: [...endpoints.values()], deliveries, events };
  }

  /** Parses the entries whose keys have a prefix. */
  #parseEntries<Value>(
    prefix: string,
    entries: ReadonlyMap<string, unknown>,
    parse: (value: unknown, name: string) => Value,
    toName?: (value: Value) => string,
  ): Map<string, Value> {
    const parsed = new Map<string, Value>();
    for (const [key, entry] of entries) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      try {
        const value = parse(entry, name);
        if (toName !== undefined && toName(value) !== name) throw new TypeError("Its id is not its key.");
        parsed.set(name, value);
      } catch (cause) {
        const message = `${this.#path} has an entry that is not valid (${key}): ${STATE_FILE_CURE}.`;
        throw new EmulatorError("state_unusable", message, { cause });
      }
    }
    return parsed;
  }

  saveEndpoint(endpoint: Endpoint): void {
    this.#state.set(`endpoint/${endpoint.id}`, endpoint);
  }

  deleteEndpoint({ id }: Endpoint): void {
    this.#state.delete(`endpoint/${id}`);
  }

  saveEvent(name: string, event: Emission): void {
    this.#state.set(`event/${name}`, event);
  }

  deleteEvent(name: string): void {
    this.#state.delete(`event/${name}`);
  }

  /** Saves a new delivery: a later run delivers it if this one does not. */
  saveDelivery(delivery: DeliveryRecord): void {
    const { id, copy, endpointId, type, body, faults, createdAt } = delivery;
    const parts = { id, copy, endpointId, type, body, faults, createdAt: createdAt.getTime() };
    this.#state.set(`delivery/${delivery.key}`, parts);
  }

  /** Saves the progress of a delivery; deletes a settled one. */
  saveProgress({ key, state, isInFlight, failures, nextAttemptAt }: DeliveryRecord): void {
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

/** @throws {TypeError} if the value is not a saved event */
function parseEvent(value: unknown, name: string): Emission {
  assertSavedEvent(name, value);
  return value;
}

import { type DeliveryParts, DeliveryRecord } from "./delivery.js";
import { checkedFields } from "./endpoint-fields.js";
import { type Endpoint, type Mutable, defaults, untouched } from "./endpoint.js";
import { EmulatorError } from "./errors.js";
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

  /** What was kept by the last run. @throws {EmulatorError} `state_unusable` for what is no endpoint or delivery */
  restore(): { endpoints: Mutable<Endpoint>[]; deliveries: DeliveryRecord[] } {
    const values = new Map(this.#state.entries());
    const under = (prefix: string) =>
      [...values].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
    const deliveries = under("delivery/").map((value) => {
      const { createdAt, ...parts } = deliveryIn(value);
      const delivery = new DeliveryRecord({ ...parts, createdAt: new Date(createdAt) });
      const progress = values.get(`progress/${delivery.key}`) as Progress | undefined;
      if (progress !== undefined) {
        delivery.failures = progress.failures;
        delivery.nextAttemptAt = new Date(progress.nextAttemptAt);
      }
      return delivery;
    });
    return { endpoints: under("endpoint/").map(endpointIn), deliveries };
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

type KeptDelivery = Omit<DeliveryParts, "createdAt"> & { createdAt: number };

const kinds = {
  id: "string",
  endpointId: "string",
  type: "string",
  body: "string",
  copy: "number",
  createdAt: "number",
};

function deliveryIn(value: unknown): KeptDelivery {
  if (isRecord(value) && Array.isArray(value["faults"])) {
    if (Object.entries(kinds).every(([name, kind]) => typeof value[name] === kind))
      return value as KeptDelivery;
  }
  throw unusable("delivery");
}

/** Fields that an older version did not know get their defaults. */
function endpointIn(value: unknown): Mutable<Endpoint> {
  if (!isRecord(value) || typeof value["id"] !== "string") throw unusable("endpoint");
  const { kind } = value;
  if (kind !== "webhook" && kind !== "route") throw unusable("endpoint");
  const fields = Object.fromEntries(Object.entries(value).filter(([name]) => name in defaults[kind]));
  try {
    checkedFields(kind, fields, () => undefined);
  } catch (cause) {
    throw unusable("endpoint", cause);
  }
  return { ...defaults[kind], ...untouched, obstacle: null, ...value } as Mutable<Endpoint>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function unusable(what: string, cause?: unknown): EmulatorError {
  return new EmulatorError(
    "state_unusable",
    `The state file has a ${what} that is none: give another file, or delete it.`,
    { cause },
  );
}

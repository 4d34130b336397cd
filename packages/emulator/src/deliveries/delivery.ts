import type { Fault } from "../faults/faults.js";
import type { Attempt } from "./attempt.js";

/**
 * - `pending`: more attempts will follow
 * - `delivered`: the receiver replied 2xx to an attempt
 * - `failed`: the last attempt has failed
 * - `cancelled`: it was cancelled, or the endpoint was disabled or deleted, first
 */
export type DeliveryState = "pending" | "delivered" | "failed" | "cancelled";

/** An event on its way to an endpoint. The object is live: it changes as attempts are made. */
export interface Delivery {
  /** The header `webhook-id`: the same in all attempts and copies. */
  readonly id: string;
  /** 1, and higher for a copy: a duplicate or a replay. */
  readonly copy: number;
  /** Unique among all copies: `<id>/<copy>`. */
  readonly key: string;
  readonly endpointId: string;
  /** The type of the event; empty if the body has none. */
  readonly type: string;
  readonly body: string;
  readonly faults: readonly Fault[];
  readonly createdAt: Date;
  readonly state: DeliveryState;
  /** `true` while an attempt is in flight. */
  readonly isInFlight: boolean;
  /** The attempts made by this process. */
  readonly attempts: readonly Attempt[];
  /** When the next attempt is due, if there is one. */
  readonly nextAttemptAt: Date | undefined;
  /** Resolves when the delivery is no longer pending, or the emulator is closed (it is still `pending` then). */
  readonly settled: Promise<Delivery>;
}

/** The fixed fields of a delivery. */
export type DeliveryParts = Pick<
  Delivery,
  "id" | "copy" | "endpointId" | "type" | "body" | "faults" | "createdAt"
>;

/** A delivery as the emulator changes it. */
export class DeliveryRecord implements Delivery {
  readonly id: string;
  readonly copy: number;
  readonly key: string;
  readonly endpointId: string;
  readonly type: string;
  readonly body: string;
  readonly faults: readonly Fault[];
  readonly createdAt: Date;
  state: DeliveryState = "pending";
  isInFlight = false;
  readonly attempts: Attempt[] = [];
  nextAttemptAt: Date | undefined;
  /** Failed attempts, including those before a restart. */
  failures = 0;
  /** Ends as `cancelled` unless the attempt in flight succeeds. */
  isCancelling = false;
  readonly settled: Promise<Delivery>;
  #settle: (delivery: Delivery) => void = () => undefined;
  /** Callbacks that wait for the first attempt; undefined after it. */
  #followers: (() => void)[] | undefined = [];

  constructor({ id, copy, endpointId, type, body, faults, createdAt }: DeliveryParts) {
    this.id = id;
    this.copy = copy;
    this.key = `${id}/${copy}`;
    this.endpointId = endpointId;
    this.type = type;
    this.body = body;
    this.faults = faults;
    this.createdAt = createdAt;
    this.nextAttemptAt = createdAt;
    this.settled = new Promise((resolve) => (this.#settle = resolve));
  }

  /** Sets the final state and resolves `settled`; with `pending`, only resolves it. */
  settle(state: DeliveryState): void {
    this.state = state;
    this.isInFlight = false;
    this.nextAttemptAt = undefined;
    this.#settle(this);
  }

  /** Calls back when the first attempt has ended, or will never be made. */
  afterFirstAttempt(callback: () => void): void {
    if (this.#followers === undefined) callback();
    else this.#followers.push(callback);
  }

  releaseFollowers(): void {
    const followers = this.#followers ?? [];
    this.#followers = undefined;
    for (const follow of followers) follow();
  }
}

import type { Attempt } from "./attempt.js";
import type { Fault } from "../faults/faults.js";

/**
 * - `pending`: attempts are to come
 * - `delivered`: an attempt was answered with 2xx
 * - `failed`: given up
 * - `cancelled`: the endpoint was switched off or deleted before
 */
export type DeliveryState = "pending" | "delivered" | "failed" | "cancelled";

/** An event on its way to an endpoint. The object lives: it changes as attempts are made. */
export interface Delivery {
  /** The header `webhook-id`: the same in all attempts, and in copies. */
  readonly id: string;
  /** 1, and higher for a copy: a duplicate or a replay. */
  readonly copy: number;
  /** Tells the copies apart: `<id>/<copy>`. */
  readonly key: string;
  readonly endpointId: string;
  /** The type of the event; empty when the body does not tell. */
  readonly type: string;
  readonly body: string;
  readonly faults: readonly Fault[];
  readonly createdAt: Date;
  readonly state: DeliveryState;
  /** Whether an attempt is being made now. */
  readonly isInFlight: boolean;
  /** The attempts made by this process. */
  readonly attempts: readonly Attempt[];
  /** When the next attempt is due; undefined when none is. */
  readonly nextAttemptAt: Date | undefined;
  /** Resolves when it is no longer pending, or when the emulator is closed (then it is still `pending`). */
  readonly settled: Promise<Delivery>;
}

/** What a delivery is made of. */
export type DeliveryParts = Pick<
  Delivery,
  "id" | "copy" | "endpointId" | "type" | "body" | "faults" | "createdAt"
>;

/** A delivery as its owner sees it. */
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
  /** Failed attempts, those before a restart too. */
  failures = 0;
  readonly settled: Promise<Delivery>;
  #settle: (delivery: Delivery) => void = () => undefined;
  /** Who waits until the first attempt is over. */
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

  /** Ends it, or only the waiting for it when its state stays `pending`. */
  settle(state: DeliveryState): void {
    this.state = state;
    this.isInFlight = false;
    this.nextAttemptAt = undefined;
    this.#settle(this);
  }

  /** Calls back when the first attempt is over, or will never be made. */
  afterFirstAttempt(follow: () => void): void {
    if (this.#followers === undefined) follow();
    else this.#followers.push(follow);
  }

  releaseFollowers(): void {
    const followers = this.#followers ?? [];
    this.#followers = undefined;
    for (const follow of followers) follow();
  }
}

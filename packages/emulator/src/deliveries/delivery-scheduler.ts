import { type Attempt, isDelivered, makeAttempt } from "./attempt.js";
import type { Clock } from "../clock.js";
import type { DeliveryRecord } from "./delivery.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import { AttemptQueue } from "./attempt-queue.js";
import { maxAttempts, retryDelaySeconds } from "../contract.js";
import type { Transport } from "../transport/transport.js";
import { WaitingRoom } from "./waiting-room.js";

/** What a {@link DeliveryScheduler} works with, and whom it tells. */
export interface DeliverySchedulerParts {
  clock: Clock;
  random: () => number;
  transport: Transport;
  attemptTimeoutMs: number;
  /** Attempts at the same time, per endpoint. */
  concurrency: number;
  /** Divides the pauses. */
  speed: () => number;
  endpoint: (id: string) => Endpoint | undefined;
  attempted: (endpoint: Endpoint, attempt: Attempt, succeeded: boolean) => void;
  changed: (delivery: DeliveryRecord) => void;
}

/** Carries deliveries to their endpoints: attempt after attempt, until one succeeds or the last has failed. */
export class DeliveryScheduler {
  readonly #parts: DeliverySchedulerParts;
  readonly #lanes: AttemptQueue;
  readonly #pending = new Set<DeliveryRecord>();
  readonly #timers = new Map<DeliveryRecord, () => void>();
  /** Those that are due while their endpoint is paused. */
  readonly #held = new Set<DeliveryRecord>();
  readonly #underWay = new Set<AbortController>();
  readonly #idle = new WaitingRoom();
  readonly #quiet = new WaitingRoom();
  #closed: Promise<void> | undefined;

  constructor(parts: DeliverySchedulerParts) {
    this.#parts = parts;
    this.#lanes = new AttemptQueue(
      parts.concurrency,
      (delivery) => this.#attempt(delivery),
      () => this.#tellWaiting(),
    );
  }

  /**
   * Takes a delivery over.
   *
   * @param before whose first attempt has to be over
   */
  carry(delivery: DeliveryRecord, before?: DeliveryRecord): void {
    this.#pending.add(delivery);
    if (before === undefined) this.#schedule(delivery);
    else before.afterFirstAttempt(() => this.#schedule(delivery));
  }

  /** Ends the pending deliveries of an endpoint. One that is under way is decided by its answer. */
  cancel(endpointId: string): void {
    for (const delivery of this.#pending) {
      if (delivery.endpointId === endpointId && !delivery.isInFlight) this.#end(delivery, "cancelled");
    }
  }

  /** Goes on with what the pause of an endpoint has held up. */
  resume(endpointId: string): void {
    for (const delivery of this.#held) {
      if (delivery.endpointId !== endpointId) continue;
      this.#held.delete(delivery);
      this.#schedule(delivery);
    }
  }

  /** Resolves when no delivery is pending. */
  idle(): Promise<void> {
    const idle = this.#idle.wait();
    this.#tellWaiting();
    return idle;
  }

  /** Resolves when no attempt is being made or begun: what is pending waits for its time, or is paused. */
  quiet(): Promise<void> {
    const quiet = this.#quiet.wait();
    this.#tellWaiting();
    return quiet;
  }

  /** Stops at once. What was pending stays so, and attempts under way do not count. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#lanes.close();
    const closed = new EmulatorError("closed", "The emulator was closed: make a new one to go on.");
    for (const controller of this.#underWay) controller.abort(closed);
    await this.quiet();
    for (const delivery of this.#pending) delivery.settle("pending");
    this.#pending.clear();
    this.#tellWaiting();
  }

  #schedule(delivery: DeliveryRecord): void {
    if (delivery.state !== "pending" || this.#closed !== undefined) return;
    const dueAt = delivery.nextAttemptAt?.getTime() ?? 0;
    if (dueAt <= this.#parts.clock.now()) return this.#lanes.add(delivery);
    const cancel = this.#parts.clock.callAt(dueAt, () => {
      this.#timers.delete(delivery);
      this.#lanes.add(delivery);
    });
    this.#timers.set(delivery, cancel);
  }

  async #attempt(delivery: DeliveryRecord): Promise<void> {
    const { clock, transport, attemptTimeoutMs, endpoint: find, changed, attempted } = this.#parts;
    const endpoint = find(delivery.endpointId);
    if (endpoint?.enabled !== true) return this.#end(delivery, "cancelled");
    const { url, secret, obstacle } = endpoint;
    if (obstacle?.kind === "pause") return void this.#held.add(delivery);
    delivery.isInFlight = true;
    delivery.nextAttemptAt = undefined;
    changed(delivery);

    const controller = new AbortController();
    this.#underWay.add(controller);
    const { id, body, faults } = delivery;
    const made = await makeAttempt(
      { url, secret, id, body, faults, at: clock.now(), number: delivery.failures + 1 },
      { transport, obstacle, timeoutMs: attemptTimeoutMs, controller },
    );
    this.#underWay.delete(controller);
    if (made.error?.code === "closed") return;

    const succeeded = isDelivered(made);
    if (!succeeded) delivery.failures += 1;
    // It may be the failure that switches the endpoint off.
    attempted(endpoint, made, succeeded);
    delivery.isInFlight = false;
    const end = succeeded ? "delivered" : this.#endOfFailure(delivery, endpoint, made.error?.code);
    if (end === undefined) delivery.nextAttemptAt = this.#nextAttemptAt(delivery);
    const { nextAttemptAt } = delivery;
    delivery.attempts.push(nextAttemptAt === undefined ? made : { ...made, nextAttemptAt });
    if (end === undefined) this.#goOn(delivery);
    else this.#end(delivery, end);
  }

  /** How a delivery ends with a failure, if it does. */
  #endOfFailure(
    { failures }: DeliveryRecord,
    { kind, enabled }: Endpoint,
    code: string | undefined,
  ): "failed" | "cancelled" | undefined {
    // Nothing was sent to another machine, and no retry will change that.
    if (code === "remote_address" || failures >= maxAttempts[kind]) return "failed";
    return enabled ? undefined : "cancelled";
  }

  #nextAttemptAt({ failures }: DeliveryRecord): Date {
    const { clock, random, speed } = this.#parts;
    return new Date(clock.now() + (retryDelaySeconds(failures, random) * 1000) / speed());
  }

  #goOn(delivery: DeliveryRecord): void {
    this.#parts.changed(delivery);
    this.#schedule(delivery);
    delivery.releaseFollowers();
  }

  #end(delivery: DeliveryRecord, state: "delivered" | "failed" | "cancelled"): void {
    this.#timers.get(delivery)?.();
    this.#timers.delete(delivery);
    this.#lanes.remove(delivery);
    this.#held.delete(delivery);
    this.#pending.delete(delivery);
    delivery.settle(state);
    this.#parts.changed(delivery);
    delivery.releaseFollowers();
    this.#tellWaiting();
  }

  #tellWaiting(): void {
    if (!this.#lanes.areEmpty) return;
    this.#quiet.release();
    if (this.#pending.size === 0) this.#idle.release();
  }
}

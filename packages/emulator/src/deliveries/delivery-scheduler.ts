import { retryDelaySeconds } from "../contract.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { EmulatorError } from "../errors.js";
import { type MadeAttempt, isDelivered, isSent, makeAttempt, resolveFinalState } from "./attempt.js";
import { AttemptQueue } from "./attempt-queue.js";
import type { DeliveryRecord } from "./delivery.js";
import { QuietWaiters } from "./quiet-waiters.js";
import type { SchedulerOptions } from "./scheduler-options.js";

/** Makes the attempts of deliveries when they are due, until one succeeds or the last has failed. */
export class DeliveryScheduler {
  /** Divides the pauses between attempts; pauses that have begun keep their end. */
  speed: number;
  readonly #options: SchedulerOptions;
  readonly #queue: AttemptQueue;
  readonly #pending = new Set<DeliveryRecord>();
  readonly #timers = new Map<DeliveryRecord, () => void>();
  /** Deliveries that became due while their endpoint was paused. */
  readonly #held = new Set<DeliveryRecord>();
  /** Attempts in flight. */
  readonly #controllers = new Set<AbortController>();
  readonly #waiters: QuietWaiters;
  #closed: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.speed = options.speed;
    this.#queue = new AttemptQueue({
      concurrency: options.concurrency,
      attempt: (delivery) => this.#attempt(delivery),
      onEmpty: () => this.#waiters.resolve(),
    });
    this.#waiters = new QuietWaiters(() => ({
      isQuiet: this.#queue.isEmpty,
      isIdle: this.#pending.size === 0,
    }));
    options.endpoints.onSettings((endpoint) => this.#applySettings(endpoint));
  }

  /**
   * Schedules the first attempt of a delivery, and those that follow.
   *
   * @param before the delivery whose first attempt must have ended
   */
  add(delivery: DeliveryRecord, before?: DeliveryRecord): void {
    this.#pending.add(delivery);
    if (before === undefined) this.#schedule(delivery);
    else before.afterFirstAttempt(() => this.#schedule(delivery));
  }

  /** Makes the next attempt of a pending delivery now. One that is due already, or paused, keeps its place. */
  retryNow(delivery: DeliveryRecord): void {
    assertPending(delivery);
    const stopTimer = this.#timers.get(delivery);
    if (stopTimer === undefined) return;
    stopTimer();
    this.#timers.delete(delivery);
    delivery.nextAttemptAt = new Date(this.#options.clock.now());
    this.#options.onChange(delivery);
    this.#schedule(delivery);
  }

  /** Ends a pending delivery. The reply decides about an attempt in flight; no other follows it. */
  cancel(delivery: DeliveryRecord): void {
    assertPending(delivery);
    if (delivery.isInFlight) delivery.isCancelling = true;
    else this.#end(delivery, "cancelled");
  }

  /** Resolves when no delivery is pending. */
  idle(): Promise<void> {
    return this.#waiters.wait("idle");
  }

  /** Resolves when no attempt is in flight or queued: pending deliveries are not due, or paused. */
  quiet(): Promise<void> {
    return this.#waiters.wait("quiet");
  }

  /** Stops at once. Pending deliveries stay pending, and attempts in flight do not count. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#queue.close();
    const closed = new EmulatorError("closed", "The emulator was closed: create a new one to continue.");
    for (const controller of this.#controllers) controller.abort(closed);
    await this.quiet();
    for (const delivery of this.#pending) delivery.settle("pending");
    this.#pending.clear();
    this.#waiters.resolve();
  }

  #applySettings(endpoint: Endpoint): void {
    if (!endpoint.enabled) this.#cancel(endpoint.id);
    else if (endpoint.override?.kind !== "pause") this.#resume(endpoint.id);
  }

  /** Cancels the pending deliveries of an endpoint. The reply decides about attempts in flight. */
  #cancel(endpointId: string): void {
    for (const delivery of this.#pending) {
      if (delivery.endpointId === endpointId && !delivery.isInFlight) this.#end(delivery, "cancelled");
    }
  }

  /** Schedules the deliveries that a pause has held. */
  #resume(endpointId: string): void {
    for (const delivery of this.#held) {
      if (delivery.endpointId !== endpointId) continue;
      this.#held.delete(delivery);
      this.#schedule(delivery);
    }
  }

  #schedule(delivery: DeliveryRecord): void {
    if (delivery.state !== "pending" || this.#closed !== undefined) return;
    const dueAt = delivery.nextAttemptAt?.getTime() ?? 0;
    if (dueAt <= this.#options.clock.now()) return this.#queue.add(delivery);
    const cancel = this.#options.clock.callAt(dueAt, () => {
      this.#timers.delete(delivery);
      this.#queue.add(delivery);
    });
    this.#timers.set(delivery, cancel);
  }

  async #attempt(delivery: DeliveryRecord): Promise<void> {
    const endpoint = this.#options.endpoints.find(delivery.endpointId);
    if (endpoint?.enabled !== true) return this.#end(delivery, "cancelled");
    const { url, secret, override } = endpoint;
    if (override?.kind === "pause") return void this.#held.add(delivery);
    delivery.isInFlight = true;
    delivery.nextAttemptAt = undefined;
    this.#options.onChange(delivery);
    const made = await this.#send(delivery, { url, secret, override });
    if (made.error?.code !== "closed") this.#finishAttempt(delivery, endpoint, made);
  }

  async #send(
    { id, body, faults, failures }: DeliveryRecord,
    { url, secret, override }: Pick<Endpoint, "url" | "secret" | "override">,
  ): Promise<MadeAttempt> {
    const { clock, transport, attemptTimeoutMs: timeoutMs } = this.#options;
    const controller = new AbortController();
    this.#controllers.add(controller);
    const parts = { url, secret, id, body, faults, at: clock.now(), number: failures + 1 };
    const made = await makeAttempt(parts, { transport, override, timeoutMs, controller });
    this.#controllers.delete(controller);
    return made;
  }

  #finishAttempt(delivery: DeliveryRecord, endpoint: Endpoint, made: MadeAttempt): void {
    const succeeded = isDelivered(made);
    if (!succeeded) delivery.failures += 1;
    this.#options.endpoints.recordAttempt(endpoint.id, succeeded, isSent(made) ? made.startedAt : undefined);
    // This failure may have switched the endpoint off. This delivery still counts as in flight: it ends below.
    if (!endpoint.enabled) this.#cancel(endpoint.id);
    delivery.isInFlight = false;
    const state = resolveFinalState(made, delivery, endpoint);
    if (state !== undefined) {
      delivery.attempts.push(made);
      return this.#end(delivery, state);
    }
    const nextAttemptAt = this.#nextAttemptAt(delivery);
    delivery.nextAttemptAt = nextAttemptAt;
    delivery.attempts.push({ ...made, nextAttemptAt });
    this.#options.onChange(delivery);
    this.#schedule(delivery);
    delivery.releaseFollowers();
  }

  #nextAttemptAt({ failures }: DeliveryRecord): Date {
    const { clock, random } = this.#options;
    return new Date(clock.now() + (retryDelaySeconds(failures, random) * 1000) / this.speed);
  }

  #end(delivery: DeliveryRecord, state: "delivered" | "failed" | "cancelled"): void {
    this.#timers.get(delivery)?.();
    this.#timers.delete(delivery);
    this.#queue.remove(delivery);
    this.#held.delete(delivery);
    this.#pending.delete(delivery);
    delivery.settle(state);
    this.#options.onChange(delivery);
    delivery.releaseFollowers();
    this.#waiters.resolve();
  }
}

/** @throws {EmulatorError} `delivery_settled` */
function assertPending({ key, state }: DeliveryRecord): void {
  if (state === "pending") return;
  throw new EmulatorError("delivery_settled", `The delivery ${key} is ${state} already: replay it instead.`);
}

import type { Clock } from "../clock.js";
import { retryDelaySeconds } from "../contract.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import type { EndpointList } from "../endpoints/endpoint-list.js";
import { EmulatorError } from "../errors.js";
import type { Transport } from "../transport/transport.js";
import { type MadeAttempt, isDelivered, makeAttempt, resolveFinalState } from "./attempt.js";
import { AttemptQueue } from "./attempt-queue.js";
import type { DeliveryRecord } from "./delivery.js";

/** Options of a {@link DeliveryScheduler}. */
export interface SchedulerOptions {
  clock: Clock;
  random: () => number;
  transport: Transport;
  endpoints: EndpointList;
  attemptTimeoutMs: number;
  /** Attempts at the same time, per endpoint. */
  concurrency: number;
  /** Divides the pauses. */
  speed: number;
  /** Called after every change of a delivery. */
  onChange: (delivery: DeliveryRecord) => void;
}

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
  readonly #waiters = { idle: new Set<() => void>(), quiet: new Set<() => void>() };
  #closed: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.speed = options.speed;
    this.#queue = new AttemptQueue({
      concurrency: options.concurrency,
      attempt: (delivery) => this.#attempt(delivery),
      onEmpty: () => this.#resolveWaiters(),
    });
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

  /** Resolves when no delivery is pending. */
  idle(): Promise<void> {
    return this.#wait("idle");
  }

  /** Resolves when no attempt is in flight or queued: pending deliveries are not due, or paused. */
  quiet(): Promise<void> {
    return this.#wait("quiet");
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
    this.#resolveWaiters();
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
    this.#options.endpoints.recordAttempt(endpoint.id, succeeded, made.startedAt);
    // This failure may have switched the endpoint off. This delivery still counts as in flight: it ends below.
    if (!endpoint.enabled) this.#cancel(endpoint.id);
    delivery.isInFlight = false;
    const state = resolveFinalState(made, delivery.failures, endpoint);
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
    this.#resolveWaiters();
  }

  #wait(what: "idle" | "quiet"): Promise<void> {
    const waiting = new Promise<void>((resolve) => this.#waiters[what].add(resolve));
    this.#resolveWaiters();
    return waiting;
  }

  #resolveWaiters(): void {
    if (!this.#queue.isEmpty) return;
    const { idle, quiet } = this.#waiters;
    for (const waiters of this.#pending.size === 0 ? [quiet, idle] : [quiet]) {
      for (const resolve of waiters) resolve();
      waiters.clear();
    }
  }
}

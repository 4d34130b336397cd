import { ok } from "node:assert/strict";

import {
  type AhaSendEvent,
  type Handler,
  type Inbox,
  type InboxOptions,
  type Outcome,
  type StoredDelivery,
  type UnknownEvent,
  type WebhookContext,
  type Worker,
  createWorker,
} from "@ahasend-webhooks/core";

import { createEvent } from "./events/create-event.js";
import { serialize } from "./events/serialize.js";

/** An inbox under test, empty at the start of each case. */
export interface InboxUnderTest {
  /** Opens the inbox, again if it is open already: as another process would, or as after a crash. */
  open: (options: InboxOptions) => Promise<Inbox> | Inbox;
  /** Makes what crashed or abandoned workers had taken free for other workers. */
  expireLeases: () => Promise<void> | void;
}

/** One requirement of every inbox. */
export interface InboxCase {
  name: string;
  /** @throws {AssertionError} if the inbox does not meet it */
  run: (subject: InboxUnderTest) => Promise<void>;
}

type AnyHandler = Handler<AhaSendEvent | UnknownEvent>;

/** Creates a delivery as the receiver hands it over. */
export function createDelivery(deliveryId: string, overrides: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    endpoint: "default",
    deliveryId,
    type: "message.bounced",
    sentAt: new Date("2026-07-14T15:00:00Z"),
    rawBody: toBytes(createEvent("message.bounced")),
    ...overrides,
  };
}

export function toBytes(event: unknown): Uint8Array {
  return Buffer.from(serialize(event));
}

/** A handler that records its calls, and a worker that runs it. */
export class WorkerUnderTest {
  readonly calls: WebhookContext[] = [];
  readonly outcomes: Outcome[] = [];
  readonly worker: Worker;
  #wake: (() => void)[] = [];

  constructor(inbox: Inbox, handler: AnyHandler = () => undefined) {
    this.worker = createWorker({
      store: inbox,
      on: {
        "*": (event, context) => {
          this.calls.push(context);
          this.#changed();
          return handler(event, context);
        },
      },
      onOutcome: (outcome) => {
        this.outcomes.push(outcome);
        this.#changed();
      },
    });
  }

  /** The first attempt, and what it was reported as. @throws {AssertionError} if there was none */
  get first(): { call: WebhookContext; outcome: Outcome | undefined } {
    const [call] = this.calls;
    ok(call !== undefined, "No attempt has started.");
    return { call, outcome: this.outcomes[0] };
  }

  /** Waits until that many deliveries have been handled or are dead letters. */
  async ended(count: number): Promise<void> {
    await this.until(() => this.outcomes.filter(({ kind }) => kind !== "failed").length >= count);
  }

  /** Waits until that many attempts have started. */
  async started(count: number): Promise<void> {
    await this.until(() => this.calls.length >= count);
  }

  /** Waits for a condition, which is checked when an attempt starts and when an outcome is reported. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** The delivery ids in the order in which their attempts started. */
  get ids(): string[] {
    return this.calls.map(({ deliveryId }) => deliveryId);
  }

  close(timeoutSeconds = 10): Promise<void> {
    return this.worker.close({ timeoutSeconds });
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** A gate that handlers wait at. */
export function createGate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

/** @throws {AssertionError} unless the bytes are the same */
export function assertSameBytes(actual: Uint8Array | undefined, expected: Uint8Array): void {
  ok(actual !== undefined && Buffer.compare(actual, expected) === 0, "The bytes have changed.");
}

/** Retries at once. */
export const AT_ONCE = { backoffSeconds: () => 0 } satisfies InboxOptions;

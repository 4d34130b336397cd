import { type Handler, type Outcome, type Worker, createWorker } from "@ahasend-webhooks/core";
import type { AhaSendEvent, StoredDelivery, UnknownEvent } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";
import { onTestFinished } from "vitest";

import type { SqliteInbox } from "../src/index.js";

/** Creates a delivery as the receiver hands it over. */
export function createDelivery(deliveryId: string, overrides: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    endpoint: "default",
    deliveryId,
    type: "message.bounced",
    sentAt: new Date("2026-07-14T15:00:00Z"),
    rawBody: Buffer.from(JSON.stringify(createEvent("message.bounced"))),
    ...overrides,
  };
}

/** A worker that records the outcomes of its attempts. It is closed after the test. */
export class InboxWorker {
  readonly outcomes: Outcome[] = [];
  readonly ids: string[] = [];
  readonly #worker: Worker;
  #wake: (() => void)[] = [];

  constructor(inbox: SqliteInbox, handler: Handler<AhaSendEvent | UnknownEvent> = () => undefined) {
    this.#worker = createWorker({
      store: inbox,
      on: {
        "*": (event, context) => {
          this.ids.push(context.deliveryId);
          this.#changed();
          return handler(event, context);
        },
      },
      onOutcome: (outcome) => {
        this.outcomes.push(outcome);
        this.#changed();
      },
    });
    onTestFinished(() => this.close());
  }

  /** Waits until that many deliveries have been handled or are dead letters. */
  ended(count: number): Promise<void> {
    return this.#until(() => this.outcomes.filter(({ kind }) => kind !== "failed").length >= count);
  }

  /** Waits until that many attempts have started. */
  started(count: number): Promise<void> {
    return this.#until(() => this.ids.length >= count);
  }

  close(timeoutSeconds = 10): Promise<void> {
    return this.#worker.close({ timeoutSeconds });
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

import {
  type AhaSendEvent,
  type Handler,
  type Outcome,
  type StoredDelivery,
  type UnknownEvent,
  type Worker,
  createWorker,
} from "@ahasend-webhooks/core";
import type pg from "pg";
import { onTestFinished, vi } from "vitest";

import type { PostgresInbox } from "../src/index.js";

type Extras = { client: pg.PoolClient };
export type InboxHandler = Handler<AhaSendEvent | UnknownEvent, Extras>;

/** Starts a worker that closes with the test. */
export function startWorker(inbox: PostgresInbox<Extras>, handler: InboxHandler) {
  const outcomes: Outcome[] = [];
  const worker: Worker = createWorker({
    store: inbox,
    on: { "*": handler },
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  onTestFinished(() => worker.close({ timeoutSeconds: 0 }));
  const kinds = () => outcomes.map(({ kind }) => kind);
  /** Waits for outcomes. */
  const reported = (count: number) =>
    vi.waitUntil(() => outcomes.length >= count, { timeout: 15_000, interval: 5 });
  return { worker, outcomes, kinds, reported };
}

/** Creates a delivery as a receiver hands it over. */
export function createDelivery(deliveryId: string, overrides: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    endpoint: "default",
    deliveryId,
    type: "message.opened",
    sentAt: new Date("2026-07-14T15:00:00Z"),
    rawBody: Buffer.from('{"type":"message.opened","data":{}}'),
    ...overrides,
  };
}

/** Creates a promise that resolves when `open` is called. */
export function createGate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

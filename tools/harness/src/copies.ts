import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, it } from "vitest";

const COPIES = 20;
const DELIVERIES = 200;
/** Deliveries whose copies come at once: enough to fill every pool of connections. */
const DELIVERIES_AT_ONCE = 5;
const RETRY_MS = 20;
const TIMEOUT_MS = 600_000;

/** Faults while the copies come, each of which has a column in the table. */
export const copiesFaults = ["none", "throwing handler", "swallowed error", "killed server"] as const;

export type CopiesFault = (typeof copiesFaults)[number];

/** Result of a fault on one store. */
export interface CopiesSummary {
  subject: string;
  fault: CopiesFault;
  /** Replies other than 204, which made a copy come again. */
  refused: number;
  /** Effects beyond one for each delivery. */
  repeated: number;
  seconds: number;
}

declare module "vitest" {
  interface TaskMeta {
    copies?: CopiesSummary;
  }
}

interface Delivery {
  headers: { "webhook-id": string };
  body: string;
}

/** The part of a handler's context that every store has. */
export interface DeliveryContext {
  deliveryId: string;
}

/** A store under test, with an empty table. */
export interface CopiesSubject<Context extends DeliveryContext> {
  /** Creates receivers that share the store as processes do, with `handle` as their handler. */
  openReceivers: (handle: (context: Context) => Promise<void>) => readonly ReceiverLike[];
  createDelivery: () => Delivery;
  /** Writes the effect of a delivery. */
  write: (context: Context) => unknown;
  countEffects: (deliveryId: string) => Promise<number>;
  /** Runs a query that fails, in the transaction that `write` writes in. Left out where that is not the one of the receipt. */
  fail?: (context: Context) => unknown;
  /** Kills the server and starts it again. */
  crash?: () => Promise<void>;
}

interface ReceiverLike {
  receive: (delivery: Delivery) => Promise<{ status: number }>;
}

/**
 * Describes what happens to 20 copies at once of each of 200 deliveries under each fault that a subject can have: all are
 * acknowledged in the end, none before its effect exists, and no effect exists twice.
 */
export function describeCopies<Context extends DeliveryContext>(
  name: string,
  faults: readonly CopiesFault[],
  open: () => Promise<CopiesSubject<Context>>,
): void {
  describe(`20 copies at once: ${name}`, () => {
    it.for(faults)("%s", { timeout: TIMEOUT_MS }, async (fault, { task }) => {
      const startedAt = performance.now();
      const counts = await playCopies(fault, await open());
      const seconds = (performance.now() - startedAt) / 1000;
      task.meta.copies = { subject: name, fault, seconds, ...counts };
    });
  });
}

async function playCopies<Context extends DeliveryContext>(
  fault: CopiesFault,
  { openReceivers, createDelivery, write, fail, countEffects, crash }: CopiesSubject<Context>,
): Promise<Pick<CopiesSummary, "refused" | "repeated">> {
  const disturbed = new Set<string>();
  const receivers = openReceivers(async (context) => {
    const isFirst = !disturbed.has(context.deliveryId);
    disturbed.add(context.deliveryId);
    const throws = fault === "throwing handler" && isFirst;
    // Only a transaction undoes what the handler has written before it throws.
    if (throws && fail === undefined) throw new Error("not yet");
    await write(context);
    if (throws) throw new Error("not yet");
    if (fault === "swallowed error" && isFirst) await ignoreError(fail?.(context));
  });
  const receive = async (delivery: Delivery, copy: number): Promise<number | undefined> =>
    (await receivers[copy % receivers.length]?.receive(delivery))?.status;
  const statuses = new Map<number | undefined, number>();
  const acknowledged = new Set<string>();
  const tooEarly: string[] = [];
  const send = async (delivery: Delivery, copy: number): Promise<void> => {
    for (;;) {
      const status = await receive(delivery, copy);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const id = delivery.headers["webhook-id"];
      if (status === 204) {
        const isFirst = !acknowledged.has(id);
        acknowledged.add(id);
        if (isFirst && (await countEffects(id)) === 0) tooEarly.push(id);
        return;
      }
      await pause(RETRY_MS);
    }
  };

  const deliveries = Array.from({ length: DELIVERIES }, createDelivery);
  let crashed: Promise<void> | undefined;
  for (let sent = 0; sent < DELIVERIES; sent += DELIVERIES_AT_ONCE) {
    const wave = deliveries.slice(sent, sent + DELIVERIES_AT_ONCE);
    const ended = Promise.all(
      wave.flatMap((delivery) => Array.from({ length: COPIES }, (_, copy) => send(delivery, copy))),
    );
    if (fault === "killed server" && sent * 2 >= DELIVERIES) crashed ??= crash?.();
    await Promise.all([ended, crashed]);
  }

  const counts = await Promise.all(deliveries.map(({ headers }) => countEffects(headers["webhook-id"])));
  const repeated = counts.filter((count) => count > 1).length;
  expect({ tooEarly, lost: counts.filter((count) => count === 0).length }).toEqual({ tooEarly: [], lost: 0 });
  // Without a transaction, a server that is lost after the handler has run makes it run again.
  if (fail !== undefined || fault !== "killed server") expect(repeated).toBe(0);
  expect(
    [...statuses.keys()].filter((status) => status === undefined || !allowed[fault].includes(status)),
  ).toEqual([]);
  const refused = [...statuses].reduce((sum, [status, count]) => (status === 204 ? sum : sum + count), 0);
  return { refused, repeated };
}

const allowed: Record<CopiesFault, readonly number[]> = {
  none: [204, 409, 503],
  "throwing handler": [204, 409, 500, 503],
  "swallowed error": [204, 409, 500, 503],
  "killed server": [204, 409, 500, 503],
};

async function ignoreError(work: unknown): Promise<void> {
  await Promise.resolve(work).catch(() => undefined);
}

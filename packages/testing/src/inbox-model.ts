import { deepStrictEqual } from "node:assert/strict";

import { PermanentError } from "@ahasend-webhooks/core";
import fc from "fast-check";

import { AT_ONCE, type InboxUnderTest, WorkerUnderTest, createDelivery } from "./inbox-case.js";

const MAX_ATTEMPTS = 3;

/** A delivery, how often its handler fails, and how often it arrives. */
export interface ScriptedDelivery {
  id: string;
  failures: number;
  isPermanent: boolean;
  copies: number;
  orderingKey: string | undefined;
}

/**
 * Returns a `fast-check` property: any deliveries, with any failures, duplicates and ordering keys, are handled once or are
 * dead letters, after the right number of attempts and in the right order. Needs `fast-check`.
 *
 * @param open returns a new, empty inbox
 * @param options `keepsOrder: false` for an inbox that refuses `orderingKey`
 *
 * @example
 * await fc.assert(inboxModel(() => ({ open: (options) => myInbox(db, options), expireLeases })));
 */
export function inboxModel(
  open: () => InboxUnderTest | Promise<InboxUnderTest>,
  { keepsOrder = true } = {},
): fc.IAsyncProperty<[ScriptedDelivery[]]> {
  return fc.asyncProperty(createScriptArbitrary(), async (script) => {
    const subject = await open();
    const inbox = await subject.open({ ...AT_ONCE, maxAttempts: MAX_ATTEMPTS, concurrency: 3 });
    const worker = new WorkerUnderTest(inbox, (_event, { deliveryId, attempt }) => {
      const { failures = 0, isPermanent } = script.find(({ id }) => id === deliveryId) ?? {};
      if (attempt > failures) return;
      throw isPermanent ? new PermanentError("scripted") : new Error("scripted");
    });
    for (const { id, copies, orderingKey } of script) {
      const delivery = createDelivery(id, { orderingKey });
      const answers = await Promise.all(Array.from({ length: copies }, () => inbox.accept(delivery)));
      deepStrictEqual(answers.filter((answer) => answer === "accepted").length, 1);
    }
    await worker.ended(script.length);
    await worker.close();
    for (const delivery of script) {
      const calls = worker.calls.filter(({ deliveryId }) => deliveryId === delivery.id);
      deepStrictEqual(
        calls.map(({ attempt }) => attempt),
        toAttempts(delivery),
      );
    }
    if (keepsOrder) assertOrder(script, worker.ids);
    const dead = (await inbox.deadLetters.list()).map(({ deliveryId }) => deliveryId).toSorted();
    deepStrictEqual(
      dead,
      script
        .filter(isDead)
        .map(({ id }) => id)
        .toSorted(),
    );
  });
}

function createScriptArbitrary(): fc.Arbitrary<ScriptedDelivery[]> {
  const scripted = fc.record({
    failures: fc.nat({ max: MAX_ATTEMPTS + 1 }),
    isPermanent: fc.boolean(),
    copies: fc.integer({ min: 1, max: 3 }),
    orderingKey: fc.constantFrom(undefined, "key", "other key"),
  });
  return fc
    .array(scripted, { maxLength: 12 })
    .map((script) => script.map((delivery, index) => ({ id: `delivery ${index}`, ...delivery })));
}

function isDead({ failures, isPermanent }: ScriptedDelivery): boolean {
  return failures >= MAX_ATTEMPTS || (isPermanent && failures > 0);
}

/** Returns the numbers of the attempts. */
function toAttempts({ failures, isPermanent }: ScriptedDelivery): number[] {
  const count = isPermanent && failures > 0 ? 1 : Math.min(failures + 1, MAX_ATTEMPTS);
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** @throws {AssertionError} unless the attempts of each ordering key are in the order of arrival */
function assertOrder(script: readonly ScriptedDelivery[], ids: readonly string[]): void {
  for (const key of ["key", "other key"]) {
    const expected = script.filter(({ orderingKey }) => orderingKey === key);
    const isOfKey = (id: string) => expected.some((delivery) => delivery.id === id);
    deepStrictEqual(
      ids.filter(isOfKey),
      expected.flatMap((delivery) => toAttempts(delivery).map(() => delivery.id)),
    );
  }
}

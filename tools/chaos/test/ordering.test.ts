import { describe, expect, it } from "vitest";

import type { Effect } from "../src/effects.js";
import type { Sent } from "../src/oracle/sent.js";
import { findOverlaps, findOvertakings } from "../src/oracle/ordering.js";

const effect = (deliveryId: string, startedAt: number, endedAt: number, key = "a"): Effect => ({
  deliveryId,
  key,
  startedAt,
  endedAt,
});

const sent = (id: string, sentAt: number, acknowledgedAt?: number): Sent => ({
  id,
  fate: "plain",
  forged: false,
  acknowledged: acknowledgedAt !== undefined,
  sentAt,
  ...(acknowledgedAt !== undefined && { acknowledgedAt }),
});

const toIds = (effects: readonly Effect[]) => effects.map(({ deliveryId }) => deliveryId);

describe("the oracle of the order", () => {
  it("finds what started while another of its key was running, whatever the order of the ledger", () => {
    const effects = [effect("3", 8, 12), effect("1", 0, 10), effect("2", 2, 4), effect("4", 12, 14)];
    expect(toIds(findOverlaps(effects))).toEqual(["2", "3"]);
  });

  it("lets events of other keys run at the same time", () => {
    expect(findOverlaps([effect("1", 0, 10), effect("2", 2, 4, "b")])).toEqual([]);
  });

  it("finds what started before one that had been acknowledged before it was sent", () => {
    const effects = [effect("late", 0, 1), effect("early", 2, 3), effect("other", 4, 5, "b")];
    const deliveries = [sent("early", 0, 1), sent("late", 2, 3), sent("other", 4, 5)];
    expect(toIds(findOvertakings(effects, deliveries))).toEqual(["late"]);
  });

  it("expects no order of deliveries that were on their way at the same time, or were never acknowledged", () => {
    const effects = [effect("late", 0, 1), effect("early", 2, 3), effect("lost", 4, 5)];
    expect(findOvertakings(effects, [sent("early", 0, 9), sent("late", 2, 3), sent("lost", 0)])).toEqual([]);
  });
});

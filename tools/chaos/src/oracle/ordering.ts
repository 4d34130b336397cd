import type { Effect } from "../effects.js";
import type { Sent } from "./sent.js";

/** Returns the effects whose handler started while that of another effect with the same key was running. */
export function findOverlaps(effects: readonly Effect[]): Effect[] {
  return groupByKey(effects).flatMap((ofKey) => {
    let busyUntil = 0;
    return ofKey.filter(({ startedAt, endedAt }) => {
      const isOverlap = startedAt < busyUntil;
      busyUntil = Math.max(busyUntil, endedAt);
      return isOverlap;
    });
  });
}

/** Returns the effects that started before one with the same key whose delivery had been acknowledged before theirs was sent. */
export function findOvertakings(effects: readonly Effect[], sent: readonly Sent[]): Effect[] {
  const sentById = new Map(sent.map((one) => [one.id, one]));
  return groupByKey(effects).flatMap((ofKey) =>
    ofKey.filter(({ deliveryId }, index) => {
      const own = sentById.get(deliveryId);
      return (
        own !== undefined &&
        ofKey
          .slice(index + 1)
          .some((later) => (sentById.get(later.deliveryId)?.acknowledgedAt ?? Infinity) < own.sentAt)
      );
    }),
  );
}

/** Groups effects by key, each group in the order of their starts. */
function groupByKey(effects: readonly Effect[]): Effect[][] {
  const groups = new Map<string, Effect[]>();
  for (const effect of effects.toSorted((one, other) => one.startedAt - other.startedAt)) {
    const group = groups.get(effect.key);
    if (group === undefined) groups.set(effect.key, [effect]);
    else group.push(effect);
  }
  return [...groups.values()];
}

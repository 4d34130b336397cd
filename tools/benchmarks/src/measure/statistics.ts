/** Returns the middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1];
  const high = sorted[Math.floor(middle)];
  if (low === undefined || high === undefined)
    throw new RangeError("The median of an empty list is not defined: pass at least one value.");
  return (low + high) / 2;
}

/**
 * Returns how many times as large `one` is as `other`: the median of the ratios of the pairs. A temporary slowdown of the
 * machine affects both values of a pair, so that their ratio still holds.
 */
export function pairwiseRatio(one: readonly number[], other: readonly number[]): number {
  if (one.length !== other.length) throw new RangeError("Both lists must have the same length.");
  return median(one.map((value, index) => value / (other[index] ?? Number.NaN)));
}

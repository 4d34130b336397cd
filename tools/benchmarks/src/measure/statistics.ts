/** The middle value; the mean of the two middle ones when there is an even number of them. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1];
  const high = sorted[Math.floor(middle)];
  if (low === undefined || high === undefined) throw new RangeError("There is no median of nothing.");
  return (low + high) / 2;
}

/**
 * How many times as much `one` is as `other`: the median of the ratios pair by pair. The machine may be slow for a
 * while: both halves of a pair then are, and the ratio holds.
 */
export function pairwiseRatio(one: readonly number[], other: readonly number[]): number {
  if (one.length !== other.length) throw new RangeError("Pairs need as many of one as of the other.");
  return median(one.map((value, index) => value / (other[index] ?? Number.NaN)));
}

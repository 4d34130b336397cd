/** Long names of the same form, such as event types, are a few more apart. */
const MAX_EDITS = 3;

/**
 * Returns the candidate that a misspelt name most likely means, if any is close.
 *
 * @example
 * findClosest("message.bouncd", eventTypes); // "message.bounced"
 */
export function findClosest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let leastEdits = Math.min(Math.ceil(wanted.length / 3), MAX_EDITS) + 1;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const edits = wanted.length > 3 && other.startsWith(wanted) ? 1 : distance(wanted, other);
    if (edits < leastEdits) [best, leastEdits] = [candidate, edits];
  }
  return best;
}

/** Returns the Levenshtein distance: the characters to add, remove or replace. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

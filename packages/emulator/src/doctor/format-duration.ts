const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** Formats a duration in its two largest units: `3 h 12 min`; `412 s` below ten minutes, `16 ms` below a second. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 600) return `${Math.round(seconds)} s`;
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  let left = Math.round(seconds);
  return UNITS.slice(first, first + 2)
    .flatMap(([unit, size]) => {
      const count = Math.floor(left / size);
      left -= count * size;
      return count === 0 ? [] : [`${count} ${unit}`];
    })
    .join(" ");
}

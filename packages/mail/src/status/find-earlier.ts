/** Returns the earlier of two RFC 3339 times. A string that is not a time counts as later than all times. */
export function findEarlier(a: string, b: string): string {
  const [timeOfA, timeOfB] = [toMilliseconds(a), toMilliseconds(b)];
  if (timeOfA !== timeOfB) return timeOfA < timeOfB ? a : b;
  // Nanoseconds, and two ways to write one time: any rule will do that does not depend on the order.
  return a < b ? a : b;
}

function toMilliseconds(time: string): number {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? Infinity : milliseconds;
}

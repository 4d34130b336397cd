/** Returns the message of a connection error. */
export function describeConnectionError(error: unknown): string {
  // Node.js tries every address of a host: each error has a message then, and the one that holds them has none.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error ? one.message : String(one);
}

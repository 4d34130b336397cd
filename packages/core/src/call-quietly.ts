/** Calls foreign code whose failure must not matter, whether it throws now or rejects later. */
export function callQuietly(call: () => unknown): void {
  try {
    const result = call();
    if (typeof result === "object" || typeof result === "function") void ignoreRejection(result);
  } catch {
    // Ignored, as promised.
  }
}

async function ignoreRejection(result: unknown): Promise<void> {
  try {
    // Not `result.catch`: thenables lack it, and subclasses of Promise may do something else in it.
    await result;
  } catch {
    // As above.
  }
}

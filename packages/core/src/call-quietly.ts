/** Calls foreign code and ignores its failure, thrown or rejected. */
export function callQuietly(call: () => unknown): void {
  try {
    const result = call();
    if (typeof result === "object" || typeof result === "function") void ignoreRejection(result);
  } catch {
    // Ignored.
  }
}

async function ignoreRejection(result: unknown): Promise<void> {
  try {
    // Not `result.catch`: thenables lack it, and subclasses of Promise may override it.
    await result;
  } catch {
    // Ignored.
  }
}

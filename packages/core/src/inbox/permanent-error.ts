/**
 * Thrown by a handler where no retry can help: the delivery becomes a dead letter at once. Workers recognize it by its
 * name, so that a copy of this class from another version of the package counts as well,
 * and subclasses by their class.
 *
 * @example
 * throw new PermanentError("The customer does not exist.");
 */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}

/** Returns whether no retry can help. Never throws. Of several handlers that failed, each has to say so. */
export function isPermanentError(error: unknown): boolean {
  try {
    if (typeof error !== "object" || error === null) return false;
    const { name, errors } = error as { name?: unknown; errors?: unknown };
    if (name === "AggregateError" && Array.isArray(errors))
      return errors.length > 0 && errors.every(isPermanentError);
    return name === "PermanentError" || error instanceof PermanentError;
  } catch {
    // Reading a property of a proxy may throw.
    return false;
  }
}

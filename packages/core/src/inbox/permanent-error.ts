/**
 * Thrown by a handler where no retry can help: the delivery becomes a dead letter at once. Workers recognize it by its
 * name, so that a copy of this class from another version of the package counts as well.
 *
 * @example
 * throw new PermanentError("There is no such customer.");
 */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}

export function isPermanentError(error: unknown): boolean {
  return typeof error === "object" && error !== null && Reflect.get(error, "name") === "PermanentError";
}

/** Returns whether a value must be awaited. Promises of another realm or library count as well, even if they have no other method. */
export function isPromiseLike<T>(value: PromiseLike<T> | T): value is PromiseLike<T> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return "then" in value && typeof value.then === "function";
}

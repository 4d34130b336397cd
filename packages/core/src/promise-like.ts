/** Whether a value has to be awaited. Promises of another realm, and replaced ones, count as well. */
export function isPromiseLike<T>(value: PromiseLike<T> | T): value is PromiseLike<T> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}

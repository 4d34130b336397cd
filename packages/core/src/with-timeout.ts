/**
 * Returns the result of an operation, unless it takes longer than `ms` milliseconds.
 *
 * @throws {Error} after that time; the operation itself continues
 */
export function withTimeout<T>(ms: number, operation: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms);
    timer.unref?.();
    // A promise of another realm or library may have `then` and nothing else.
    Promise.resolve(operation).then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

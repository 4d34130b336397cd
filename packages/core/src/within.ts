/**
 * The result of an operation, unless it takes longer than `ms` milliseconds.
 *
 * @throws {Error} after that time; the operation itself goes on
 */
export function within<T>(ms: number, operation: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms);
    timer.unref?.();
    operation.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

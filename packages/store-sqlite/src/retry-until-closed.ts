const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 10_000;

/**
 * Repeats an action until it succeeds, with growing pauses.
 *
 * @param onError called with the first error
 * @throws the last error, when `closing` has fired
 */
export async function retryUntilClosed<Result>(
  action: () => Promise<Result>,
  { closing, onError }: { closing: AbortSignal; onError: (error: unknown) => void },
): Promise<Result> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await action();
    } catch (error) {
      if (closing.aborted) throw error;
      if (failures === 0) onError(error);
      await pause(Math.min(FIRST_RETRY_MS * 2 ** failures, MAX_RETRY_MS), closing);
      if (closing.aborted) throw error;
    }
  }
}

/** Waits, or until the signal fires. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

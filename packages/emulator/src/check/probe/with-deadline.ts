import { setMaxListeners } from "node:events";

/** Made once, because streams read the stack of the error that ends them. */
const FINISHED = new Error("the work has finished");

/**
 * Runs work with a signal that is aborted after the given time, when the outer signal is aborted, or when the work has
 * finished: that ends whatever the work has started and not awaited.
 *
 * @example
 * await withDeadline(5, signal, (signal) => transport.send(request, [], signal));
 */
export async function withDeadline<Result>(
  seconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  // Many concurrent requests may share one signal.
  setMaxListeners(0, controller.signal);
  const abort = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => controller.abort(new Error(`none within ${seconds} s`)), seconds * 1000);
  outer?.addEventListener("abort", abort);
  if (outer?.aborted === true) abort();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", abort);
    controller.abort(FINISHED);
  }
}

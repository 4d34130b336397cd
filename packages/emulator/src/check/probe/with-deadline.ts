import { setMaxListeners } from "node:events";

/**
 * Does work that is told by its signal when so many seconds are over, or when the signal it depends on is aborted.
 * What the work has begun and not awaited is told when it is done.
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
  // Many requests at the same time may hang on one signal.
  setMaxListeners(0, controller.signal);
  const end = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => controller.abort(new Error(`none within ${seconds} s`)), seconds * 1000);
  outer?.addEventListener("abort", end);
  if (outer?.aborted === true) end();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", end);
    controller.abort(new Error("it is over"));
  }
}

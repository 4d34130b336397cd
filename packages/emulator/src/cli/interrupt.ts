const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Runs work with a signal that is aborted by Ctrl+C and by SIGTERM. A second one ends the process at once.
 *
 * @example
 * await interruptible(async (signal) => { await once(signal, "abort"); await server.close(); });
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const interrupt = () => {
    stop();
    controller.abort();
  };
  const stop = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    stop();
  }
}

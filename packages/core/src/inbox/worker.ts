import { assertHandlers, assertKnownOptions, receiverOptionNames } from "../assert-options.js";
import { callQuietly } from "../call-quietly.js";
import type { Handlers } from "../handling/handler.js";
import { joinStore, leaveStore } from "../handling/store-users.js";
import { logOutcomes } from "../log-outcomes.js";
import type { ContextExtras } from "../options.js";
import type { OutcomeListener } from "../outcome.js";
import { assertTimerSeconds } from "../settings.js";
import { type Inbox, isInbox } from "../stores/inbox.js";
import { createRun } from "./run-delivery.js";

/** Options of {@link createWorker}. @typeParam ChosenInbox the type of the inbox: handlers can use what it adds to the context */
export interface WorkerOptions<ChosenInbox extends Inbox> {
  on: Handlers<NoInfer<ContextExtras<ChosenInbox>>>;
  store: ChosenInbox;
  /** Called with the outcome of every attempt. @default logOutcomes(console) */
  onOutcome?: OutcomeListener;
}

/** Handles what receivers have put into an inbox. */
export interface Worker {
  /**
   * Takes no further deliveries, waits for the handlers that are running and closes the inbox, unless a receiver uses it.
   * After `timeoutSeconds` (default 10) the signals of handlers fire, and a second later their deliveries are left to the
   * next worker. A second call with a shorter time hurries the first.
   *
   * @throws {TypeError} for an invalid `timeoutSeconds`
   */
  close(options?: { timeoutSeconds?: number }): Promise<void>;
}

/**
 * Starts to handle the deliveries of an inbox, in a process of its own: the receivers that fill it have `work: false`.
 *
 * @throws {TypeError} for invalid options
 *
 * @example
 * const worker = createWorker({ on, store: inbox });
 * process.once("SIGTERM", () => void worker.close({ timeoutSeconds: 20 }));
 */
export function createWorker<ChosenInbox extends Inbox>(options: WorkerOptions<ChosenInbox>): Worker {
  // Receivers and workers may share an object with their options.
  assertKnownOptions(options, receiverOptionNames);
  const { on, store, onOutcome = logOutcomes(console) } = options;
  assertHandlers(on);
  if (typeof store !== "object" || store === null || !isInbox(store)) {
    throw new TypeError("store is not an inbox: pass postgresInbox(pool) or another inbox.");
  }
  if (typeof onOutcome !== "function") {
    throw new TypeError("onOutcome must be a function: for a logger, pass logOutcomes(logger).");
  }
  const work = (store as Inbox).work(createRun({ on, onOutcome }));
  joinStore(store);
  let closed: Promise<void> | undefined;
  let leastSeconds = Infinity;
  return {
    async close({ timeoutSeconds = 10 } = {}) {
      if (timeoutSeconds !== Infinity && timeoutSeconds !== 0)
        assertTimerSeconds("timeoutSeconds", timeoutSeconds);
      // The first call waits for everything, and reports what fails.
      if (closed !== undefined && timeoutSeconds < leastSeconds)
        callQuietly(() => work.close({ timeoutSeconds }));
      leastSeconds = Math.min(leastSeconds, timeoutSeconds);
      closed ??= work.close({ timeoutSeconds }).then(() => {
        callQuietly(() => onOutcome.flush?.());
        return leaveStore(store);
      });
      return closed;
    },
  };
}

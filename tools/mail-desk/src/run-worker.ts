import type { Inbox } from "@ahasend-webhooks/core";

import { readWorkerConfig } from "./config.js";
import type { StorageContext } from "./entries.js";
import { type CommonParts, openParts, runProcess } from "./run-process.js";

/** The parts that a worker is built from. */
export interface WorkerParts extends CommonParts {
  store: Inbox<StorageContext>;
}

/** A worker that takes deliveries. */
interface RunningWorker {
  /** Waits for the handlers that are running. */
  close(): Promise<void>;
}

/**
 * Opens the inbox that the environment asks for and starts a worker without HTTP; stops both on SIGTERM. If it cannot
 * start, the process ends with status 1 and one line that names the cause.
 */
export function runWorker(
  start: (parts: WorkerParts) => RunningWorker | Promise<RunningWorker>,
): Promise<void> {
  return runProcess(async (log) => {
    const { storage, ...parts } = await openParts(readWorkerConfig(process.env), log);
    // The settings name an inbox.
    const worker = await start({ ...parts, store: storage.store as Inbox<StorageContext> });
    return { state: "working", stop: () => worker.close(), storage };
  });
}

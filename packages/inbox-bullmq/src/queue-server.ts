import type { BullmqNewJob } from "./bullmq-queue.js";

/** The server of a queue: what BullMQ's own methods do not report, or only with the bodies of jobs, which may be large. */
export interface QueueServer {
  /** Adds jobs. @returns for each whether it is new, which the queue finds out by its token */
  addJobs(jobs: BullmqNewJob[]): Promise<boolean[]>;
  /** Returns when jobs were added, in milliseconds since 1970. Those that are gone are left out. */
  readTimestamps(jobIds: readonly string[]): Promise<number[]>;
  /** Returns sentences about settings with which it may lose deliveries. @throws {Error} if it cannot be used */
  findRisks(): Promise<string[]>;
}

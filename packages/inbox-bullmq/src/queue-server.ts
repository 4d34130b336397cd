/** A job, and the token that distinguishes it from another one with the same id. */
export interface JobToken {
  jobId: string;
  token: string;
}

/** The server of a queue: what BullMQ's own methods do not report, or only with the bodies of jobs, which may be large. */
export interface QueueServer {
  /** @returns for each job whether it was added with this token */
  haveTokens(jobs: readonly JobToken[]): Promise<boolean[]>;
  /** Returns when jobs were added, in milliseconds since 1970. Those that are gone are left out. */
  readTimestamps(jobIds: readonly string[]): Promise<number[]>;
  /** Returns sentences about settings with which it may lose deliveries. @throws {Error} if it cannot be used */
  findRisks(): Promise<string[]>;
}

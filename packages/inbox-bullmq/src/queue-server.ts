/** The server of a queue: what BullMQ's own methods do not report, or only with the bodies of jobs, which may be large. */
export interface QueueServer {
  /** @returns whether the job was added with this token */
  hasToken(jobId: string, token: string): Promise<boolean>;
  /** Returns when jobs were added, in milliseconds since 1970. Those that are gone are left out. */
  readTimestamps(jobIds: readonly string[]): Promise<number[]>;
  /** Returns sentences about settings with which it may lose deliveries. @throws {Error} if it cannot be used */
  findRisks(): Promise<string[]>;
}

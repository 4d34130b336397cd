/** The part of BullMQ's `Job` that the inbox uses. */
export interface BullmqJob {
  id?: string | undefined;
  name: string;
  data: unknown;
  /** When the job was added, in milliseconds since 1970. */
  timestamp: number;
  /** When the job was completed or failed, in milliseconds since 1970. */
  finishedOn?: number | undefined;
  attemptsStarted: number;
  failedReason: string;
  stacktrace: string[] | null;
  isFailed(): Promise<boolean>;
  retry(
    state?: "completed" | "failed",
    options?: { resetAttemptsMade?: boolean; resetAttemptsStarted?: boolean },
  ): Promise<void>;
  updateData(data: unknown): Promise<void>;
}

/** A job as the inbox adds it. */
export interface BullmqNewJob {
  name: string;
  data: unknown;
  opts: {
    jobId: string;
    /** Not an option of BullMQ, which keeps it with the job. */
    token: string;
    attempts: number;
    backoff: { type: string };
    removeOnComplete: { age: number };
  };
}

/** The part of BullMQ's `Queue` that the inbox uses. `@nestjs/bullmq` injects the same class. */
export interface BullmqQueue {
  readonly name: string;
  readonly opts: {
    connection?: unknown;
    prefix?: string | undefined;
    defaultJobOptions?: object | undefined;
  };
  getBackend(): object;
  toKey(type: string): string;
  /** Takes {@link BullmqNewJob}s; queues differ in the types of their jobs. */
  addBulk(jobs: object[]): Promise<unknown>;
  getJob(id: string): Promise<BullmqJob | undefined>;
  getJobCounts(...states: JobState[]): Promise<Partial<Record<string, number>>>;
  getRanges(states: JobState[], start: number, end: number, ascending: boolean): Promise<string[]>;
}

/** A state of a job, with its name in `getRanges`. */
export type JobState = "wait" | "prioritized" | "delayed" | "active" | "completed" | "failed";

/** Deliveries that wait for their first attempt or for a retry. */
export const WAITING_STATES = ["wait", "prioritized", "delayed"] as const satisfies JobState[];

/** @throws {TypeError} unless the queue is BullMQ's */
export function assertQueue(queue: unknown): asserts queue is BullmqQueue {
  const { getBackend, addBulk, getRanges } = (queue ?? {}) as Partial<BullmqQueue>;
  if ([getBackend, addBulk, getRanges].every((method) => typeof method === "function")) return;
  throw new TypeError(
    'queue must be a Queue of BullMQ 6.7 or newer: pass new Queue("ahasend", { connection }).',
  );
}

/** The part of pg-boss's `IDatabase` that the inbox uses: runs one statement. */
export interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  /** Its own pool has it, and a database of yours needs it. */
  beginTransaction?(): Promise<BossTransaction>;
}

/** A transaction of pg-boss. */
export interface BossTransaction {
  db: BossDatabase;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** One attempt of a job. What refers to it has no effect once another worker has taken the job. */
export interface BossAttempt {
  id: string;
  retryCount: number;
}

/** The part of pg-boss's `JobWithMetadata` that the inbox uses. */
export interface BossJob extends BossAttempt {
  data: unknown;
  createdOn: Date;
  singletonKey: string | null;
  heartbeatSeconds: number | null;
}

/** The options with which the inbox creates its queues. */
export interface BossQueueOptions {
  policy: "standard" | "key_strict_fifo";
  retryLimit: number;
  retentionSeconds: number;
  deleteAfterSeconds: number;
}

/** The part of pg-boss's `QueueResult` that the inbox uses. */
export interface BossQueueResult {
  name: string;
  policy?: string;
  table: string;
  createdOn: Date;
  deleteAfterSeconds?: number;
}

/** The options with which the inbox sends a job. */
export interface BossSendOptions {
  id: string;
  priority: number;
  retryLimit: number;
  retryDelay: number;
  retryBackoff: boolean;
  retentionSeconds: number;
  deleteAfterSeconds: number;
  expireInSeconds: number;
  heartbeatSeconds: number;
  singletonKey?: string;
  db?: BossDatabase;
}

interface WithDatabase {
  db?: BossDatabase;
}

/** The part of `PgBoss` that the inbox uses. */
export interface PgBossLike {
  createQueue(name: string, options: BossQueueOptions): Promise<void>;
  getQueue(name: string): Promise<BossQueueResult | null>;
  send(name: string, data: object, options: BossSendOptions): Promise<string | null>;
  insert(
    name: string,
    jobs: (BossSendOptions & { data: object })[],
    options: WithDatabase & { returnId: true },
  ): Promise<string[] | null>;
  update(
    name: string,
    data: undefined,
    options: WithDatabase & { id: string; startAfter: number },
  ): Promise<unknown>;
  fetch(name: string, options: { batchSize: number; includeMetadata: true }): Promise<BossJob[]>;
  complete(
    name: string,
    job: string | BossAttempt,
    output: null,
    options?: WithDatabase & { includeQueued?: boolean },
  ): Promise<object>;
  fail(name: string, job: BossAttempt, output: object, options?: WithDatabase): Promise<object>;
  touch(name: string, jobs: BossAttempt[]): Promise<object>;
  deleteJob(name: string, job: string | BossAttempt, options?: WithDatabase): Promise<object>;
  getJobById(name: string, id: string, options?: WithDatabase): Promise<BossJob | null>;
  getDb(): BossDatabase;
  listenerCount(event: "error"): number;
}

/** Returns whether a command of pg-boss has changed a job. */
export function hasChanged(response: object): boolean {
  return Number(Reflect.get(response, "affected")) > 0;
}

import type { BossDatabase, BossSendOptions } from "./pg-boss-like.js";

/** pg-boss deletes jobs that have waited for longer than this, so it is as long as its column can hold: 63 years. */
export const FOREVER_SECONDS = 2_000_000_000;
/** The worker decides when a delivery is a dead letter, not pg-boss. */
export const NO_RETRY_LIMIT = 1_000_000;
/** The longest time that pg-boss lets a job run. */
export const MAX_JOB_SECONDS = 86_400;

/** The names and times of an inbox in pg-boss. */
export interface BossQueueSettings {
  queue: string;
  schema: string;
  heartbeatSeconds: number;
  retentionSeconds: number;
  /** Jobs with the same key are handled one at a time, in the order of their arrival. */
  isOrdered: boolean;
}

/**
 * Returns the options with which a job is sent. Every one is set, so that the defaults of an existing queue do not matter.
 *
 * @param id the id of the job
 * @param key the key of its order, if the queue has one
 * @param db the transaction to send it in
 */
export function toSendOptions(
  { heartbeatSeconds, retentionSeconds, isOrdered }: BossQueueSettings,
  id: string,
  key: string,
  db: BossDatabase | undefined,
): BossSendOptions {
  return {
    id,
    priority: 0,
    retryLimit: NO_RETRY_LIMIT,
    retryDelay: 0,
    retryBackoff: false,
    retentionSeconds: FOREVER_SECONDS,
    deleteAfterSeconds: Math.ceil(retentionSeconds),
    expireInSeconds: MAX_JOB_SECONDS,
    heartbeatSeconds,
    ...(isOrdered ? { singletonKey: key } : {}),
    ...(db === undefined ? {} : { db }),
  };
}

export { pgBossInbox } from "./pg-boss-inbox.js";
export type { PgBossInbox, PgBossInboxOptions } from "./pg-boss-inbox.js";
export type {
  BossAttempt,
  BossDatabase,
  BossJob,
  BossQueueOptions,
  BossJobOptions,
  BossTransaction,
  PgBossLike,
} from "./pg-boss-like.js";

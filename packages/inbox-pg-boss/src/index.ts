export { pgBossInbox } from "./pg-boss-inbox.js";
export { pgBossInboxAdmin } from "./pg-boss-inbox-admin.js";
export type { BossNames } from "./boss-names.js";
export type { PgBossInbox, PgBossInboxOptions } from "./pg-boss-inbox.js";
export type {
  BossAttempt,
  BossDatabase,
  BossJob,
  BossQueueOptions,
  BossQueueResult,
  BossSendOptions,
  BossTransaction,
  PgBossLike,
} from "./pg-boss-like.js";

export type { SqliteInboxOptions, SqliteStoreOptions, SqliteTableOptions } from "./options.js";
export { sqliteInbox } from "./sqlite-inbox.js";
export type { SqliteInbox } from "./sqlite-inbox.js";
export { sqliteInboxAdmin } from "./sqlite-inbox-admin.js";
export type { SqliteInboxAdminOptions } from "./sqlite-inbox-admin.js";
export type { SqliteLike, SqliteStatementLike, SqliteValue } from "./sqlite-like.js";
export { sqliteStore } from "./sqlite-store.js";
export type { SqliteStore } from "./sqlite-store.js";

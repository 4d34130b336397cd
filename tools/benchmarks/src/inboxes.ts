import type { Inbox } from "@ahasend-webhooks/core";

/** An inbox that a program has opened. */
export interface OpenInbox {
  inbox: Inbox;
  /** Ends its connections. */
  close: () => unknown;
}

/** A durable inbox that is measured. */
export interface MeasuredInbox {
  /** Its name in tables and goals. */
  name: string;
  /** The package of ours that it measures. */
  package: string;
  /** The server that it needs; without one, it is a file. */
  server?: "Redis" | "PostgreSQL";
  /** Loads its module and opens an inbox at a URL or in a file. */
  open: (location: string) => Promise<OpenInbox>;
}

/** As many as the workers of the engines run at the same time. */
const CONCURRENCY = 16;
const CONNECTIONS = 20;

/** The inboxes, by the name that `programs/inbox.ts` takes: the only list of them, in the order of the report. */
export const inboxes = {
  sqlite: {
    name: "SQLite",
    package: "store-sqlite",
    open: async (location) => {
      const { sqliteInbox } = await import("@ahasend-webhooks/store-sqlite");
      const { default: Database } = await import("libsql");
      const db = new Database(location);
      return { inbox: sqliteInbox(db, { concurrency: CONCURRENCY }), close: () => db.close() };
    },
  },
  postgres: { name: "PostgreSQL", package: "store-postgres", server: "PostgreSQL", open: openPostgres },
  "postgres-lease": {
    name: "PostgreSQL, lease",
    package: "store-postgres",
    server: "PostgreSQL",
    open: (location) => openPostgres(location, "lease"),
  },
  bullmq: {
    name: "BullMQ on Redis",
    package: "inbox-bullmq",
    server: "Redis",
    open: async (location) => {
      const { bullmqInbox } = await import("@ahasend-webhooks/inbox-bullmq");
      const { Queue } = await import("bullmq");
      const queue = new Queue("ahasend", { connection: { url: location } });
      return { inbox: bullmqInbox(queue, { concurrency: CONCURRENCY }), close: () => queue.close() };
    },
  },
  "pg-boss": {
    name: "pg-boss",
    package: "inbox-pg-boss",
    server: "PostgreSQL",
    open: async (location) => {
      const { pgBossInbox } = await import("@ahasend-webhooks/inbox-pg-boss");
      const { PgBoss } = await import("pg-boss");
      const boss = new PgBoss({ connectionString: location, max: CONNECTIONS });
      boss.on("error", (error) => console.error(error));
      await boss.start();
      const inbox = pgBossInbox(boss, { concurrency: CONCURRENCY });
      return { inbox, close: () => boss.stop() };
    },
  },
} as const satisfies Record<string, MeasuredInbox>;

/** The name of an inbox. */
export type InboxName = keyof typeof inboxes;

/** The names of all inboxes. */
export const inboxNames = Object.keys(inboxes) as InboxName[];

async function openPostgres(
  connectionString: string,
  mode: "transaction" | "lease" = "transaction",
): Promise<OpenInbox> {
  const { postgresInbox } = await import("@ahasend-webhooks/store-postgres");
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS });
  const options = { table: `inbox_${mode}`, concurrency: CONCURRENCY };
  const inbox = mode === "lease" ? postgresInbox(pool, { ...options, mode }) : postgresInbox(pool, options);
  await inbox.migrate();
  return { inbox, close: () => pool.end() };
}

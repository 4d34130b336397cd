import type { InboxAdmin } from "@ahasend-webhooks/core";

import { UsageError } from "../exit.js";
import type { InboxTarget } from "./inbox-target.js";
import { loadPackage } from "./load-package.js";
import type { OpenedInbox } from "./opened-inbox.js";

interface PgBossModule {
  PgBoss: new (options: object) => {
    on(event: "error", listener: () => void): unknown;
    start(): Promise<unknown>;
    stop(options: object): Promise<void>;
  };
}

interface InboxPgBoss {
  pgBossInboxAdmin: (boss: object, options: object) => InboxAdmin;
}

const NEEDED = ["@ahasend-webhooks/inbox-pg-boss", "pg-boss"];

/** Opens the queues of `pgBossInbox`. */
export async function openPgBoss({ url, names }: InboxTarget & { engine: "pg-boss" }): Promise<OpenedInbox> {
  const { pgBossInboxAdmin } = loadPackage("@ahasend-webhooks/inbox-pg-boss", NEEDED) as InboxPgBoss;
  const { PgBoss } = loadPackage("pg-boss", NEEDED) as PgBossModule;
  const { schema } = names;
  const boss = new PgBoss({
    connectionString: url,
    ...(schema !== undefined && { schema }),
    max: 2,
    // It must only look: no tables, no maintenance.
    migrate: false,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  boss.on("error", () => undefined);
  const close = () => boss.stop({ graceful: false });
  try {
    await boss.start();
  } catch (error) {
    await close();
    throw explainStart(error, schema);
  }
  return { admin: pgBossInboxAdmin(boss, names), close };
}

/** Errors of connections have a code; the others are about the tables of pg-boss. */
function explainStart(error: unknown, schema = "pgboss"): unknown {
  if (!(error instanceof Error) || "code" in error || error instanceof AggregateError) return error;
  const message = error.message.replace(/\.$/, "");
  return new UsageError(
    `The schema ${schema} does not have the tables of your pg-boss (${message}): use --schema, or start your app first.`,
    { cause: error },
  );
}

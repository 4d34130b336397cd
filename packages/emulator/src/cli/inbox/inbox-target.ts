import { Option } from "commander";

import { UsageError } from "../exit.js";

/** The options that name an inbox. Their values are never validated by Commander, because its messages would show a password. */
export interface InboxTargetOptions {
  database?: string;
  redis?: string;
  pgBoss?: boolean;
  bullmq?: boolean;
  queue?: string;
  prefix?: string;
  schema?: string;
  table?: string;
}

/** An inbox, by its engine. What is left out has the default of the engine. */
export type InboxTarget =
  | { engine: "postgres"; url: string; names: { schema?: string; table?: string } }
  | { engine: "sqlite"; file: string; names: { table?: string } }
  | { engine: "pg-boss"; url: string; names: { schema?: string; queue?: string } }
  | { engine: "bullmq"; url: string; names: { queue?: string; prefix?: string; schema?: string } };

/** Creates the options that name an inbox. */
export function createTargetOptions(): Option[] {
  return [
    new Option(
      "--database <url|file>",
      "PostgreSQL (postgres://…) or a SQLite file (default: DATABASE_URL, unless REDIS_URL is set as well)",
    ),
    new Option(
      "--redis <url>",
      "Redis with a queue of BullMQ (default: REDIS_URL, unless DATABASE_URL is set as well)",
    ),
    new Option("--pg-boss", "the inbox is a queue of pg-boss in the database"),
    new Option("--bullmq", "the inbox is a queue of BullMQ in the database"),
    new Option("--queue <name>", "queue of BullMQ or pg-boss (default: ahasend)"),
    new Option("--prefix <name>", "prefix of BullMQ's keys in Redis (default: bull)"),
    new Option("--schema <name>", "schema in PostgreSQL (default: public, pgboss or bullmq)"),
    new Option("--table <name>", "table in PostgreSQL or SQLite (default: ahasend_inbox)"),
  ];
}

/** The options that each engine has besides its address. */
const ACCEPTED = {
  postgres: ["schema", "table"],
  sqlite: ["table"],
  "pg-boss": ["schema", "queue", "pgBoss"],
  "bullmq in Redis": ["queue", "prefix"],
  "bullmq in PostgreSQL": ["queue", "schema", "bullmq"],
} as const;

/**
 * Finds out which inbox is meant.
 *
 * @throws {UsageError} if none or several are, or an option does not fit
 */
export function resolveTarget(options: InboxTargetOptions, env: NodeJS.ProcessEnv): InboxTarget {
  const { address, isRedis } = resolveAddress(options, env);
  const names = pickNames(options);
  if (isRedis) {
    if (!/^rediss?:\/\//.test(address))
      throw new UsageError("--redis must be a URL such as redis://localhost.");
    assertAccepted(options, "bullmq in Redis");
    return { engine: "bullmq", url: address, names };
  }
  if (!/^postgres(ql)?:\/\//.test(address)) {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(address)) {
      throw new UsageError(
        "--database must be a URL such as postgres://localhost/app, or the path of a SQLite file.",
      );
    }
    assertAccepted(options, "sqlite");
    return { engine: "sqlite", file: address, names };
  }
  if (options.pgBoss === true) {
    assertAccepted(options, "pg-boss");
    return { engine: "pg-boss", url: address, names };
  }
  assertAccepted(options, options.bullmq === true ? "bullmq in PostgreSQL" : "postgres");
  return { engine: options.bullmq === true ? "bullmq" : "postgres", url: address, names };
}

function resolveAddress(
  options: InboxTargetOptions,
  env: NodeJS.ProcessEnv,
): { address: string; isRedis: boolean } {
  const named = [options.database, options.redis];
  const [database, redis] = named.some((one) => one !== undefined)
    ? named
    : [env["DATABASE_URL"] || undefined, env["REDIS_URL"] || undefined];
  if (database !== undefined && redis !== undefined) {
    throw new UsageError("There are two databases: use either --database or --redis.");
  }
  const address = database ?? redis;
  if (address !== undefined) return { address, isRedis: redis !== undefined };
  throw new UsageError(
    "An inbox is required: use --database postgres://… or a SQLite file, or --redis redis://…, or set DATABASE_URL or REDIS_URL.",
  );
}

function pickNames({ queue, prefix, schema, table }: InboxTargetOptions) {
  return {
    ...(queue !== undefined && { queue }),
    ...(prefix !== undefined && { prefix }),
    ...(schema !== undefined && { schema }),
    ...(table !== undefined && { table }),
  };
}

function assertAccepted(options: InboxTargetOptions, engine: keyof typeof ACCEPTED): void {
  const accepted: readonly string[] = ["database", "redis", ...ACCEPTED[engine]];
  const others = Object.entries(ACCEPTED).flatMap(([, names]) => names);
  const surplus = others.find((name) => options[name] !== undefined && !accepted.includes(name));
  if (surplus === undefined) return;
  const flag = surplus === "pgBoss" ? "pg-boss" : surplus;
  throw new UsageError(`--${flag} is not an option of an inbox in ${describe[engine]}: leave it out.`);
}

const describe = {
  postgres: "PostgreSQL (postgresInbox)",
  sqlite: "a SQLite file",
  "pg-boss": "pg-boss",
  "bullmq in Redis": "Redis",
  "bullmq in PostgreSQL": "BullMQ on PostgreSQL",
} as const satisfies Record<keyof typeof ACCEPTED, string>;

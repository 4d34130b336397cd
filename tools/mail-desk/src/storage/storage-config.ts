import { findChoice } from "../find-choice.js";

/** Settings of a storage. */
export type StorageConfig = { dataDir: string } & (
  | { kind: "postgres" | "postgres inbox" | "pg-boss inbox"; databaseUrl: string }
  | { kind: "mysql"; mysqlUrl: string }
  | { kind: "redis"; redisUrl: string }
  | { kind: "bullmq inbox"; redisUrl: string; databaseUrl: string | undefined }
  | { kind: "sqlite inbox" }
);

/**
 * Reads from environment variables where entries and deliveries are kept: in the inbox that `INBOX` names, else on the
 * server that has a URL, else in a SQLite file.
 *
 * @throws {Error} naming the variable to set
 */
export function readStorageConfig(env: NodeJS.ProcessEnv): StorageConfig {
  const dataDir = env["DATA_DIR"] || "data";
  const databaseUrl = env["DATABASE_URL"] || undefined;
  const mysqlUrl = env["MYSQL_URL"] || undefined;
  const redisUrl = env["REDIS_URL"] || undefined;
  const inbox = findChoice(env, "INBOX", ["sqlite", "postgres", "bullmq", "pg-boss"]);
  switch (inbox) {
    case "sqlite":
      return { kind: "sqlite inbox", dataDir };
    case "bullmq":
      if (redisUrl === undefined)
        throw new Error("INBOX=bullmq needs a Redis: set REDIS_URL, such as redis://127.0.0.1:6379.");
      return { kind: "bullmq inbox", redisUrl, databaseUrl, dataDir };
    case "postgres":
    case "pg-boss":
      if (databaseUrl === undefined)
        throw new Error(
          `INBOX=${inbox} needs a PostgreSQL: set DATABASE_URL, such as postgres://user@127.0.0.1/desk.`,
        );
      return { kind: `${inbox} inbox`, databaseUrl, dataDir };
    default:
      if (databaseUrl !== undefined) return { kind: "postgres", databaseUrl, dataDir };
      if (mysqlUrl !== undefined) return { kind: "mysql", mysqlUrl, dataDir };
      return redisUrl === undefined
        ? { kind: "sqlite inbox", dataDir }
        : { kind: "redis", redisUrl, dataDir };
  }
}

/**
 * Asserts that other processes can handle what one has accepted.
 *
 * @param needs the thing that needs it, for the message
 * @throws {Error} naming the variable to set
 */
export function assertSharedInbox({ kind }: StorageConfig, needs: string): void {
  const cure = "set INBOX to postgres, bullmq or pg-boss";
  if (kind === "sqlite inbox")
    throw new Error(`${needs} needs an inbox on a server, because a SQLite file has one process: ${cure}.`);
  if (!kind.endsWith(" inbox"))
    throw new Error(`${needs} needs an inbox, and there is only a store of receipts: ${cure}.`);
}

/** The storage of an app. */
export interface StorageSettings {
  /** Environment variables. */
  env: Record<string, string>;
  /** The app only accepts, and a worker handles. */
  hasWorker: boolean;
}

/** Everything in one file, for one process. */
export const onSqlite: StorageSettings = { env: { INBOX: "sqlite" }, hasWorker: false };

/** The servers that each inbox needs. */
const needs: Readonly<Record<string, readonly ("DATABASE_URL" | "REDIS_URL")[]>> = {
  sqlite: [],
  postgres: ["DATABASE_URL"],
  bullmq: ["REDIS_URL"],
  "pg-boss": ["DATABASE_URL"],
};

/** The names of the inboxes. */
export const inboxes: readonly string[] = Object.keys(needs);

/**
 * Returns the settings of an app that keeps deliveries in this inbox, on the servers that the environment names.
 *
 * @throws {Error} naming the inboxes, or the variable to set
 */
export function readStorageSettings(inbox: string, env: NodeJS.ProcessEnv): StorageSettings {
  const variables = needs[inbox];
  if (variables === undefined)
    throw new Error(`"${inbox}" is not an inbox: use one of ${inboxes.join(", ")}.`);
  const settings: Record<string, string> = { INBOX: inbox };
  for (const variable of variables) {
    const url = env[variable];
    if (url === undefined || url === "")
      throw new Error(`--inbox ${inbox} needs a server: set ${variable} to the URL of one for tests.`);
    settings[variable] = url;
  }
  return { env: settings, hasWorker: variables.length > 0 };
}

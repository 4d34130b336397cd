/** Settings of an example app. */
export interface Config {
  /** 0 for any free port. */
  port: number;
  secret: string;
  /** The folder of inbound mail and, without PostgreSQL, of the journal and the SQLite file. */
  dataDir: string;
  /** PostgreSQL: any number of processes, each effect exactly once. */
  databaseUrl: string | undefined;
  /** Redis, if there is no PostgreSQL: several processes on one machine. */
  redisUrl: string | undefined;
}

/**
 * Reads the settings from environment variables.
 *
 * @throws {Error} naming the variable to set
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const { PORT = "3000", AHASEND_WEBHOOK_SECRET: secret, DATA_DIR: dataDir = "data" } = env;
  if (secret === undefined || secret === "") {
    throw new Error(
      "AHASEND_WEBHOOK_SECRET is not set: copy the secret of your webhook from the AhaSend dashboard.",
    );
  }
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535) {
    throw new Error("PORT is not a port number: set it to 0 to 65535, or leave it out for 3000.");
  }
  return {
    port: Number(PORT),
    secret,
    dataDir,
    databaseUrl: env["DATABASE_URL"] || undefined,
    redisUrl: env["REDIS_URL"] || undefined,
  };
}

/**
 * Returns the value of an environment variable that has two possible values; the first is the default.
 *
 * @throws {Error} naming the variable and the values
 */
export function readChoice<const Choice extends string>(
  variable: string,
  choices: readonly [Choice, Choice],
): Choice {
  const value = process.env[variable] ?? choices[0];
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  const [first, second] = choices;
  throw new Error(
    `${variable} must be ${first} or ${second}: set it to one of them, or leave it out for ${first}.`,
  );
}

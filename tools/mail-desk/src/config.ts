/** What the app is told by its environment. */
export interface Config {
  /** 0 takes a free port. */
  port: number;
  secret: string;
  /** Where the inbox is kept and, without PostgreSQL, the journal. */
  dataDir: string;
  /** PostgreSQL: for any number of processes, each effect exactly once. */
  databaseUrl: string | undefined;
  /** Redis, when there is no PostgreSQL: for several processes on one machine. */
  redisUrl: string | undefined;
  platform: "express" | "fastify";
}

/** @throws {Error} that says which variable to set */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const {
    PORT = "3000",
    AHASEND_WEBHOOK_SECRET: secret,
    DATA_DIR: dataDir = "data",
    PLATFORM: platform = "express",
  } = env;
  if (secret === undefined || secret === "") {
    throw new Error(
      "AHASEND_WEBHOOK_SECRET is not set: copy the secret of your webhook from the AhaSend dashboard.",
    );
  }
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535) {
    throw new Error("PORT is not a port number: set it to 0 to 65535, or leave it out for 3000.");
  }
  if (platform !== "express" && platform !== "fastify") {
    throw new Error(
      "PLATFORM is neither express nor fastify: set it to one of them, or leave it out for express.",
    );
  }
  return {
    port: Number(PORT),
    secret,
    dataDir,
    databaseUrl: env["DATABASE_URL"] || undefined,
    redisUrl: env["REDIS_URL"] || undefined,
    platform,
  };
}

import { findChoice } from "./find-choice.js";
import { type StorageConfig, assertSharedInbox, readStorageConfig } from "./storage/storage-config.js";

/** Settings of an example app and of its worker. */
export interface Config {
  storage: StorageConfig;
  /** Handlers fail for events of this type. */
  failType: string | undefined;
}

/** Settings of an example app that listens. */
export interface AppConfig extends Config {
  /** 0 for any free port. */
  port: number;
  secret: string;
  /** `false`: deliveries are only accepted, and workers handle them. */
  work: boolean;
}

/**
 * Reads the settings of an app from environment variables.
 *
 * @throws {Error} naming the variable to set
 */
export function readAppConfig(env: NodeJS.ProcessEnv): AppConfig {
  const { PORT = "3000", AHASEND_WEBHOOK_SECRET: secret } = env;
  if (secret === undefined || secret === "") {
    throw new Error(
      "AHASEND_WEBHOOK_SECRET is not set: copy the secret of your webhook from the AhaSend dashboard.",
    );
  }
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535) {
    throw new Error("PORT is not a port number: set it to 0 to 65535, or leave it out for 3000.");
  }
  const config = readConfig(env);
  const work = findChoice(env, "WORK", ["yes", "no"]) !== "no";
  if (!work) assertSharedInbox(config.storage, "WORK=no");
  return { ...config, port: Number(PORT), secret, work };
}

/**
 * Reads the settings of a worker from environment variables.
 *
 * @throws {Error} naming the variable to set
 */
export function readWorkerConfig(env: NodeJS.ProcessEnv): Config {
  const config = readConfig(env);
  assertSharedInbox(config.storage, "A worker");
  return config;
}

function readConfig(env: NodeJS.ProcessEnv): Config {
  return { storage: readStorageConfig(env), failType: env["FAIL_TYPE"] || undefined };
}

import { hasPostgres, startPostgres } from "@ahasend-webhooks/harness";
import type { TestProject } from "vitest/node";

import type { SharedServer } from "./database.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The PostgreSQL that all files of tests share, if it is installed. */
    postgres: SharedServer | undefined;
  }
}

/** Starts one PostgreSQL for all files of tests: each test has its own schema. */
export default async function startSharedServer({ provide }: TestProject) {
  if (!hasPostgres()) return provide("postgres", undefined);
  const server = await startPostgres();
  provide("postgres", { port: server.port, url: server.url });
  return () => server.stop();
}

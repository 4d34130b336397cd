import { fileURLToPath } from "node:url";

/** One way to start an example app. */
export interface App {
  name: string;
  /** Its built program. */
  path: string;
  env: Record<string, string>;
}

/** The example apps, the default one first. */
export const apps: readonly App[] = [
  { name: "express", path: programOf("express"), env: {} },
  { name: "koa", path: programOf("koa"), env: {} },
  { name: "nestjs", path: programOf("nestjs"), env: {} },
  { name: "nestjs-fastify", path: programOf("nestjs"), env: { PLATFORM: "fastify" } },
];

function programOf(name: string): string {
  return fileURLToPath(import.meta.resolve(`@ahasend-webhooks/example-${name}/dist/main.js`));
}

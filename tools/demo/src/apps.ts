import { fileURLToPath } from "node:url";

/** One way to start an example app. */
export interface App {
  name: string;
  /** Its built program. */
  path: string;
  env: Record<string, string>;
}

const express = fileURLToPath(import.meta.resolve("@ahasend-webhooks/example-express/dist/main.js"));
const koa = fileURLToPath(import.meta.resolve("@ahasend-webhooks/example-koa/dist/main.js"));
const nestjs = fileURLToPath(import.meta.resolve("@ahasend-webhooks/example-nestjs/dist/main.js"));

/** The example apps, the default one first. */
export const apps: readonly App[] = [
  { name: "express", path: express, env: {} },
  { name: "koa", path: koa, env: {} },
  { name: "nestjs", path: nestjs, env: {} },
  { name: "nestjs-fastify", path: nestjs, env: { PLATFORM: "fastify" } },
];

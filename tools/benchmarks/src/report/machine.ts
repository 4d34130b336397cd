import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

import { readVersion } from "../installed-packages.js";

/** What a report must say about where it was made. */
export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryGB: number;
  system: string;
  node: string;
  /** The versions of what is compared. */
  versions: Record<string, string>;
}

const COMPARED = [
  "standardwebhooks",
  "svix",
  "@octokit/webhooks-methods",
  "stripe",
  "express",
  "koa",
  "@nestjs/core",
  "@nestjs/platform-fastify",
  "hono",
  "ioredis",
  "pg",
];

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    versions: Object.fromEntries(COMPARED.map((name) => [name, readVersion(name)])),
  };
}

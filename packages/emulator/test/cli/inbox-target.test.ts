import { describe, expect, it } from "vitest";

import { type InboxTargetOptions, resolveTarget } from "../../src/cli/inbox/inbox-target.js";

const postgres = "postgres://localhost/app";
const redis = "redis://localhost";

describe("the inbox that a command names", () => {
  it.each<[InboxTargetOptions, Record<string, string>, object]>([
    [{ database: postgres }, {}, { engine: "postgres", url: postgres, names: {} }],
    [
      { database: "./desk.db", table: "own" },
      {},
      { engine: "sqlite", file: "./desk.db", names: { table: "own" } },
    ],
    [{ redis, queue: "own" }, {}, { engine: "bullmq", url: redis, names: { queue: "own" } }],
    [{ database: postgres, pgBoss: true }, {}, { engine: "pg-boss", url: postgres, names: {} }],
    [{ database: postgres, bullmq: true }, {}, { engine: "bullmq", url: postgres, names: {} }],
    [{}, { DATABASE_URL: postgres }, { engine: "postgres", url: postgres, names: {} }],
    [{}, { REDIS_URL: redis, DATABASE_URL: "" }, { engine: "bullmq", url: redis, names: {} }],
    [{ redis }, { DATABASE_URL: postgres }, { engine: "bullmq", url: redis, names: {} }],
  ])("is that of the options %j with the environment %j", (options, env, target) => {
    expect(resolveTarget(options, env)).toEqual(target);
  });

  it.each<[InboxTargetOptions, Record<string, string>, RegExp]>([
    [{}, {}, /^An inbox is required: use --database .* or set DATABASE_URL or REDIS_URL\.$/],
    [{}, { DATABASE_URL: postgres, REDIS_URL: redis }, /use either --database or --redis\.$/],
    [{ database: postgres, redis }, {}, /use either --database or --redis\.$/],
    [{ database: "mysql://localhost/app" }, {}, /--database must be a URL such as postgres:.*SQLite file\.$/],
    [{ redis: "localhost:6379" }, {}, /--redis must be a URL such as redis:/],
    [
      { database: "./desk.db", queue: "own" },
      {},
      /--queue is not an option of an inbox in a SQLite file: leave it out\.$/,
    ],
    [{ database: postgres, queue: "own" }, {}, /--queue .*: leave it out\.$/],
    [{ database: postgres, pgBoss: true, bullmq: true }, {}, /--bullmq .*: leave it out\.$/],
    [{ redis, pgBoss: true }, {}, /--pg-boss .*: leave it out\.$/],
  ])("is refused for the options %j with the environment %j", (options, env, message) => {
    expect(() => resolveTarget(options, env)).toThrow(message);
  });
});

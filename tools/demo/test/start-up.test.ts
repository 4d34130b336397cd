import { appPrograms, findAppProgram } from "@ahasend-webhooks/harness/apps";
import { Program } from "@ahasend-webhooks/harness/program";
import { readAppConfig, readWorkerConfig } from "@ahasend-webhooks/mail-desk";
import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { inboxes } from "../src/storage-settings.js";
import { createDataDir, secret, startApp } from "./start-app.js";

const AHASEND_WEBHOOK_SECRET = secret;
const DATABASE_URL = "postgres://127.0.0.1:1/none";
const REDIS_URL = "redis://127.0.0.1:1";

describe("the settings of an app", () => {
  it.each([
    [{ AHASEND_WEBHOOK_SECRET: "" }, "AHASEND_WEBHOOK_SECRET is not set: copy the secret "],
    [{ PORT: "http" }, "PORT is not a port number: set it to 0 to 65535, "],
    [
      { INBOX: "kafka" },
      `INBOX must be ${inboxes.join(", ").replace(/, (?=[^,]+$)/, ", or ")}: set it to one `,
    ],
    [{ INBOX: "postgres", REDIS_URL }, "INBOX=postgres needs a PostgreSQL: set DATABASE_URL, such as "],
    [{ INBOX: "pg-boss", REDIS_URL }, "INBOX=pg-boss needs a PostgreSQL: set DATABASE_URL, such as "],
    [{ INBOX: "bullmq", DATABASE_URL }, "INBOX=bullmq needs a Redis: set REDIS_URL, such as "],
    [{ WORK: "maybe" }, "WORK must be yes or no: set it to one of them, "],
    [
      { WORK: "no" },
      "WORK=no needs an inbox on a server, because a SQLite file has one process: set INBOX to ",
    ],
    [
      { WORK: "no", DATABASE_URL },
      "WORK=no needs an inbox, and there is only a store of receipts: set INBOX to ",
    ],
  ])("are refused with their cure: %j", (settings, message) => {
    expect(() => readAppConfig({ AHASEND_WEBHOOK_SECRET, ...settings })).toThrow(message);
  });

  it.each([
    [{}, "sqlite inbox"],
    [{ REDIS_URL }, "redis"],
    [{ REDIS_URL, DATABASE_URL }, "postgres"],
    [{ INBOX: "sqlite", REDIS_URL, DATABASE_URL }, "sqlite inbox"],
    [{ INBOX: "postgres", DATABASE_URL, WORK: "no" }, "postgres inbox"],
    [{ INBOX: "pg-boss", DATABASE_URL, WORK: "yes" }, "pg-boss inbox"],
    [{ INBOX: "bullmq", REDIS_URL }, "bullmq inbox"],
  ])("choose the storage: %j", (settings, kind) => {
    expect(readAppConfig({ AHASEND_WEBHOOK_SECRET, ...settings }).storage.kind).toBe(kind);
  });
});

describe("the settings of a worker", () => {
  it("are refused with their cure without an inbox on a server", () => {
    expect(() => readWorkerConfig({})).toThrow(
      "A worker needs an inbox on a server, because a SQLite file has one process: set INBOX to postgres, ",
    );
    expect(() => readWorkerConfig({ REDIS_URL })).toThrow("A worker needs an inbox, and there is only ");
  });

  it("need no secret", () => {
    expect(readWorkerConfig({ INBOX: "bullmq", REDIS_URL }).storage.kind).toBe("bullmq inbox");
  });
});

describe.concurrent.each(appPrograms)(
  "the app on $name",
  { timeout: 60_000 },
  ({ path, workerPath, env }) => {
    it("refuses to start with half a secret and says why in one line", async ({ expect, onTestFinished }) => {
      const DATA_DIR = await createDataDir(onTestFinished);
      const program = Program.start(path, { ...env, AHASEND_WEBHOOK_SECRET: "aha-whsec-", DATA_DIR });
      expect(await program.ended()).toBe(1);
      // Nest names the endpoint first.
      expect(program.errors).toMatch(
        /^(AhaSendWebhooksModule, endpoint .+?: )?secret is shorter than 16 characters: .+\n$/,
      );
      expect(program.log.filter(({ level }) => level === 30)).toEqual([]);
    });

    it("has a worker that refuses to share a SQLite file and says so in one line", async ({ expect }) => {
      const program = Program.start(workerPath, env);
      expect(await program.ended()).toBe(1);
      expect(program.errors).toMatch(/^A worker needs an inbox on a server, .+\n$/);
    });
  },
);

describe.concurrent("an app whose server does not answer", () => {
  it.for([
    [{ DATABASE_URL }, "DATABASE_URL: PostgreSQL"],
    [{ REDIS_URL }, "REDIS_URL: Redis"],
    [{ DATABASE_URL, INBOX: "postgres" }, "DATABASE_URL: PostgreSQL"],
    [{ DATABASE_URL, INBOX: "pg-boss" }, "DATABASE_URL: PostgreSQL"],
    [{ REDIS_URL, INBOX: "bullmq" }, "REDIS_URL: Redis"],
  ] as const)(
    "refuses to start and says why in one line: %j",
    { timeout: 60_000 },
    async ([settings, server], { expect, onTestFinished }) => {
      const DATA_DIR = await createDataDir(onTestFinished);
      const program = Program.start(findAppProgram("express").path, {
        AHASEND_WEBHOOK_SECRET,
        DATA_DIR,
        ...settings,
      });
      expect(await program.ended()).toBe(1);
      expect(program.errors).toMatch(new RegExp(`^${server} cannot be used \\(.+\\): check the URL\\.\n$`));
      expect(program.log.filter(({ level }) => level === 30)).toEqual([]);
    },
  );
});

describe("two processes with one data folder and no server", () => {
  it("are refused: the second says why in one line, and the first continues", async ({
    expect,
    onTestFinished,
  }) => {
    const settings = { DATA_DIR: await createDataDir(onTestFinished) };
    const first = await startApp(findAppProgram("express"), settings, onTestFinished);
    const { path, env } = findAppProgram("express");
    const second = Program.start(path, { ...env, ...settings, AHASEND_WEBHOOK_SECRET: secret });
    expect(await second.ended()).toBe(1);
    expect(second.errors).toMatch(
      /^DATA_DIR: desk\.db cannot be used\. .+ is the inbox of another process, .+\n$/,
    );
    expect((await first.deliver(createEvent("message.delivered"))).status).toBe(204);
  });
});

describe.concurrent("the app on nestjs", () => {
  it("refuses a platform that it does not know", async ({ expect, onTestFinished }) => {
    const DATA_DIR = await createDataDir(onTestFinished);
    const settings = { AHASEND_WEBHOOK_SECRET: secret, PLATFORM: "hapi", DATA_DIR };
    const program = Program.start(findAppProgram("nestjs").path, settings);
    expect(await program.ended()).toBe(1);
    expect(program.errors).toMatch(/^PLATFORM must be express or fastify: .+\n$/);
  });
});

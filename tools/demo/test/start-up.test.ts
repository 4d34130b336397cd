import { appPrograms, findAppProgram } from "@ahasend-webhooks/harness/apps";
import { Program } from "@ahasend-webhooks/harness/program";
import { createEvent } from "@ahasend-webhooks/testing";
import { describe, it } from "vitest";

import { createDataDir, secret, startApp } from "./start-app.js";

const cases: [name: string, settings: Record<string, string>, message: string][] = [
  ["without a secret", {}, "AHASEND_WEBHOOK_SECRET is not set: "],
  ["with an empty secret", { AHASEND_WEBHOOK_SECRET: "" }, "AHASEND_WEBHOOK_SECRET is not set: "],
  ["with half a secret", { AHASEND_WEBHOOK_SECRET: "aha-whsec-" }, "secret is shorter than 16 characters: "],
  [
    "with a port that is not a number",
    { AHASEND_WEBHOOK_SECRET: secret, PORT: "http" },
    "PORT is not a port number: ",
  ],
  [
    "with a database that does not answer",
    { AHASEND_WEBHOOK_SECRET: secret, DATABASE_URL: "postgres://127.0.0.1:1/none" },
    "DATABASE_URL: PostgreSQL cannot be used ",
  ],
  [
    "with a Redis that does not answer",
    { AHASEND_WEBHOOK_SECRET: secret, REDIS_URL: "redis://127.0.0.1:1" },
    "REDIS_URL: Redis cannot be used ",
  ],
];

describe.concurrent.each(appPrograms)("the app on $name", { timeout: 60_000 }, ({ path, env }) => {
  it.for(cases)(
    "refuses to start %s and says why in one line",
    async ([, settings, message], { expect, onTestFinished }) => {
      const DATA_DIR = await createDataDir(onTestFinished);
      const program = Program.start(path, { ...env, ...settings, DATA_DIR });
      expect(await program.ended()).toBe(1);
      // Nest names the endpoint first.
      expect(program.errors).toMatch(new RegExp(`^(AhaSendWebhooksModule, endpoint .+?: )?${message}.+\n$`));
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
    const nest = appPrograms.find(({ name }) => name === "nestjs")!;
    const settings = { AHASEND_WEBHOOK_SECRET: secret, PLATFORM: "hapi", DATA_DIR };
    const program = Program.start(nest.path, settings);
    expect(await program.ended()).toBe(1);
    expect(program.errors).toMatch(/^PLATFORM must be express or fastify: .+\n$/);
  });
});

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { eventTypes } from "@ahasend-webhooks/core";
import { hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { appPrograms, findAppProgram } from "@ahasend-webhooks/harness/apps";
import { expect, it, onTestFinished } from "vitest";

import { isCleanExit, playScenes, startApp } from "../src/demo.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const runWith = (env: Record<string, string>, ...args: string[]) =>
  promisify(execFile)(process.execPath, [main, ...args], { env: { PATH: process.env["PATH"], ...env } });
const run = (...args: string[]) => runWith({}, ...args);

const playAll = (): Promise<string> => (output ??= run("--all").then(({ stdout }) => stdout));
let output: Promise<string> | undefined;

it.each(appPrograms)(
  "delivers every type of event, and deliveries that must be refused, to $name",
  { timeout: 60_000 },
  async ({ name }) => {
    const start = new RegExp(`The example app on ${name} runs at http://127\\.0\\.0\\.1:\\d+/`);
    const [, section = ""] = (await playAll()).split(start);
    const [table = ""] = section.split("The example app on");
    for (const type of eventTypes) expect(table).toMatch(new RegExp(`^  ${type} +204 `, "m"));
    expect(table).toMatch(/^ +the same again +204 +duplicate$/m);
    expect(table).toMatch(/^ +a forged suppression +401 +refused: invalid_signature$/m);
    expect(table).toMatch(/^ +a replay after an hour +401 +refused: stale_timestamp$/m);
    expect(table).toMatch(/^ +inbound mail of 5 MB +204 +stored mail with 2 attachments \(5\.0 MB\)$/m);
    expect(table).toContain("Every delivery went as expected.");
    const [, acknowledged = "", handled = ""] =
      /SIGKILL amid 200 bounces: the app had acknowledged (\d+) of them, and handled (\d+)\./.exec(table) ??
      [];
    expect(Number(acknowledged)).toBeGreaterThanOrEqual(80);
    expect(Number(handled)).toBeLessThanOrEqual(Number(acknowledged));
    expect(table).toContain(`After a restart it has handled all ${acknowledged}: nothing was lost.`);
  },
);

it("plays to every app in turn with --all", { timeout: 60_000 }, async () => {
  const names = [...(await playAll()).matchAll(/The example app on (\S+) runs at/g)].map(([, name]) => name);
  expect(names).toEqual(appPrograms.map(({ name }) => name));
});

it.concurrent.for([
  [[], "express"],
  [["--app", "koa"], "koa"],
] as const)("plays to one app with the arguments %j", async ([args, name], { expect }) => {
  const { stdout } = await run(...args);
  expect(stdout.match(/The example app on \S+ runs/g)).toEqual([`The example app on ${name} runs`]);
  expect(stdout).toContain("Every delivery went as expected.");
});

it.skipIf(!required("Redis", hasRedis()))(
  "keeps deliveries in the inbox of --inbox, on the server of the environment",
  { timeout: 120_000, concurrent: true },
  async ({ expect, onTestFinished }) => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const { stdout } = await runWith({ REDIS_URL: server.url }, "--inbox", "bullmq");
    expect(stdout).toContain("Every delivery went as expected.");
    expect(stdout).toContain("SIGKILL of the worker amid 200 bounces: the app had acknowledged 200 of them");
    expect(stdout).toContain("After a restart it has handled all 200: nothing was lost.");
  },
);

it.each([
  [0, "linux", true],
  [0, "win32", true],
  [null, "win32", true],
  [null, "linux", false],
  [null, "darwin", false],
  [1, "win32", false],
  [1, "linux", false],
] as const)("returns for the exit status %s on %s whether it is clean: %s", (status, platform, isClean) => {
  expect(isCleanExit(status, platform)).toBe(isClean);
});

it("reports the deliveries to which the app reacts differently", async () => {
  const app = await startApp(findAppProgram("express"));
  onTestFinished(async () => void (await app.stop()));
  const unexpected: string[] = [];
  const ok = await playScenes({ ...app, secret: `${app.secret}x` }, ({ scene, asExpected }) => {
    if (!asExpected) unexpected.push(scene.sent);
  });
  expect(ok).toBe(false);
  expect(unexpected).toContain("message.bounced");
  expect(unexpected).not.toContain("a forged suppression");
});

it("prints its usage, and refuses an app, an option or a missing server", async () => {
  expect((await run("--help")).stdout).toContain("usage: npm run demo");
  await expect(run("--app", "hapi")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("use one of express, ") as string,
  });
  await expect(run("--inbox", "pg-boss")).rejects.toMatchObject({
    code: 1,
    stderr: "--inbox pg-boss needs a server: set DATABASE_URL to the URL of one for tests.\n",
  });
  await expect(run("--fast")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("--fast") as string,
  });
});

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { eventTypes } from "@ahasend-webhooks/core";
import { expect, it, onTestFinished } from "vitest";

import { apps } from "../src/apps.js";
import { endedWell, playScenes, startApp } from "../src/demo.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args]);

it.each(apps)(
  "delivers every type of event and the usual trouble to $name, and ends well",
  async ({ name }) => {
    const { stdout } = await run("--app", name);
    expect(stdout).toMatch(new RegExp(`The example app on ${name} runs at http://127\\.0\\.0\\.1:\\d+/`));
    for (const type of eventTypes) expect(stdout).toMatch(new RegExp(`^  ${type} +204 `, "m"));
    expect(stdout).toMatch(/^ +the same again +204 +duplicate$/m);
    expect(stdout).toMatch(/^ +a forged suppression +401 +refused: invalid_signature$/m);
    expect(stdout).toMatch(/^ +a replay of an hour ago +401 +refused: stale_timestamp$/m);
    expect(stdout).toMatch(/^ +inbound mail of 5 MB +204 +stored mail with 2 attachments \(5\.0 MB\)$/m);
    expect(stdout).toContain("Every delivery went as expected.");
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
] as const)("takes the exit status %s on %s for a good end: %s", (status, platform, isGood) => {
  expect(endedWell(status, platform)).toBe(isGood);
});

it("says so when the app does something else", async () => {
  const app = await startApp(apps[0]!);
  onTestFinished(async () => void (await app.stop()));
  const unexpected: string[] = [];
  const ok = await playScenes({ ...app, secret: `${app.secret}x` }, ({ scene, asExpected }) => {
    if (!asExpected) unexpected.push(scene.sent);
  });
  expect(ok).toBe(false);
  expect(unexpected).toContain("message.bounced");
  expect(unexpected).not.toContain("a forged suppression");
});

it("plays to all apps in turn", async () => {
  const { stdout } = await run("--all");
  for (const { name } of apps) expect(stdout).toContain(`The example app on ${name} runs at`);
  expect(stdout.match(/Every delivery went as expected/g)).toHaveLength(apps.length);
});

it("explains itself and refuses what it does not know", async () => {
  expect((await run("--help")).stdout).toContain("usage: npm run demo");
  await expect(run("--app", "hapi")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("use one of express, ") as string,
  });
  await expect(run("--fast")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("--fast") as string,
  });
});

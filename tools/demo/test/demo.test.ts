import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { eventTypes } from "@ahasend-webhooks/core";
import { expect, it, onTestFinished } from "vitest";

import { playScenes, startApp } from "../src/demo.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args]);

it("delivers every type of event and the usual trouble, and ends well", async () => {
  const { stdout } = await run();
  expect(stdout).toMatch(/The example app runs at http:\/\/127\.0\.0\.1:\d+\//);
  for (const type of eventTypes) expect(stdout).toMatch(new RegExp(`^  ${type} +204 `, "m"));
  expect(stdout).toMatch(/^ +the same again +204 +duplicate$/m);
  expect(stdout).toMatch(/^ +a forged suppression +401 +refused: invalid_signature$/m);
  expect(stdout).toMatch(/^ +a replay of an hour ago +401 +refused: stale_timestamp$/m);
  expect(stdout).toMatch(/^ +inbound mail of 5 MB +204 +stored mail with 2 attachments \(5\.0 MB\)$/m);
  expect(stdout).toContain("Every delivery went as expected.");
});

it("says so when the app does something else", async () => {
  const app = await startApp();
  onTestFinished(async () => void (await app.stop()));
  const unexpected: string[] = [];
  const ok = await playScenes({ ...app, secret: `${app.secret}x` }, ({ scene, asExpected }) => {
    if (!asExpected) unexpected.push(scene.sent);
  });
  expect(ok).toBe(false);
  expect(unexpected).toContain("message.bounced");
  expect(unexpected).not.toContain("a forged suppression");
});

it("explains itself and refuses what it does not know", async () => {
  expect((await run("--help")).stdout).toContain("usage: npm run demo");
  await expect(run("--fast")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("--fast") as string,
  });
});

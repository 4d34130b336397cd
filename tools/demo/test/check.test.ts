import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { appPrograms } from "@ahasend-webhooks/harness/apps";
import { it } from "vitest";

import { startApp } from "../src/demo.js";

const program = fileURLToPath(new URL("cli/main.js", import.meta.resolve("@ahasend-webhooks/emulator")));

// Side by side: most of the time they wait for uploads that have stalled.
it.concurrent.for(appPrograms)(
  "the app on $name passes the conformance check",
  { timeout: 120_000 },
  async (appProgram, { expect, onTestFinished }) => {
    const app = await startApp(appProgram);
    onTestFinished(async () => void (await app.stop()));
    const urls = ["--to", `${app.url}webhooks/ahasend`, "--effects", `${app.url}stats`];
    // Other tests may keep the machine busy.
    const args = [program, "check", "--json", ...urls, "--timeout", "20"];
    const env = { AHASEND_WEBHOOK_SECRET: app.secret };
    const run = promisify(execFile)(process.execPath, args, { env });
    // Exit status 1 means that a check has not passed: the output says which.
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { verdict?: string });
    const results = lines.slice(0, -1);
    expect(results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
    expect(results.length).toBeGreaterThan(60);
    expect(lines.at(-1)).toMatchObject({ ok: true, counts: { passed: results.length } });
  },
);

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { it } from "vitest";

import { apps } from "../src/apps.js";
import { startApp } from "../src/demo.js";

const program = fileURLToPath(new URL("cli/main.js", import.meta.resolve("@ahasend-webhooks/emulator")));

// Side by side: most of the time they wait for an upload that has come to a halt.
it.concurrent.for(apps)(
  "the app on $name keeps to every rule that is checked",
  { timeout: 90_000 },
  async (how, { expect, onTestFinished }) => {
    const app = await startApp(how);
    onTestFinished(async () => void (await app.stop()));
    const urls = ["--to", `${app.url}webhooks/ahasend`, "--effects", `${app.url}stats`];
    // A machine that is busy with other tests takes its time.
    const args = [program, "check", "--json", ...urls, "--timeout", "20"];
    const env = { AHASEND_WEBHOOK_SECRET: app.secret };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
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

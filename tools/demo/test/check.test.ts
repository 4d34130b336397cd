import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { it } from "vitest";

import { apps } from "../src/apps.js";
import { startApp } from "../src/demo.js";

const program = fileURLToPath(new URL("cli/main.js", import.meta.resolve("@ahasend-webhooks/emulator")));

const keepsToTheRules = it.concurrent.for(apps);
keepsToTheRules(
  "the app on $name keeps to every rule that is checked",
  async (app, { expect, onTestFinished }) => {
    const { url, secret, stop } = await startApp(app);
    onTestFinished(async () => void (await stop()));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        ...[program, "check", "--json", "--to", `${url}webhooks/ahasend`, "--effects", `${url}stats`],
        // A machine that is busy with other tests takes its time.
        ...["--timeout", "20"],
      ],
      { env: { AHASEND_WEBHOOK_SECRET: secret } },
    );
    const lines = stdout.trim().split("\n");
    const results = lines.slice(0, -1).map((line) => JSON.parse(line) as { verdict: string });
    expect(results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
    expect(results.length).toBeGreaterThan(60);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ ok: true, counts: { passed: results.length } });
  },
  90_000,
);

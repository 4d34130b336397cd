import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { describe, expect, it, onTestFinished } from "vitest";

import { checkRules } from "../src/index.js";
import { closedPort, noting, secret, serve } from "./helpers.js";
import { handmade } from "./receivers/handmade.js";

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [program, "check", ...args], { env: {}, stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Runs the command. */
async function run(...args: string[]) {
  const child = start(...args);
  const ended = once(child, "close");
  const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [status] = (await ended) as [number | null];
  return { out, err, status };
}

const noVersion = handmade(secret, { matches: (entry, right) => entry.replace(/^v1,/, "") === right });

describe("ahasend-webhooks check", () => {
  it("says what was sent, what came and what cures it, and ends with 1", async () => {
    const { out, err, status } = await run(
      "--to",
      await serve(noVersion),
      "--secret",
      secret,
      "--only",
      "forged",
    );
    expect(out).toContain(`
forged
  ✓ refuses a delivery signed with another secret
`);
    expect(out).toContain(`
  ✗ refuses the right signature without its version
      sent      the right signature without its version
      came      204
      expected  4xx
      cure      Only entries that begin with \`v1,\` may match: `);
    expect(out).toMatch(/\n13 passed, 1 failed, 0 warnings, 0 not judged, in \d+\.\d s\n$/);
    expect(err).toBe("");
    expect(status).toBe(1);
  });

  it("ends with 0 when nothing failed, and tells what it could not judge", async () => {
    const url = await serve(handmade(secret));
    const { out, status } = await run(
      "--to",
      url,
      "--secret",
      secret,
      "--only",
      "time,effects",
      "--only",
      "answers/get",
    );
    expect(out).toMatch(
      /\n {2}\? not observable from outside: give effects, .*\n {6}effects\/visible, effects\//,
    );
    expect(out).toMatch(/\n8 passed, 0 failed, 0 warnings, 5 not judged, /);
    expect(status).toBe(0);
  });

  it("prints a value a line with --json", async () => {
    const args = ["--secret", secret, "--only", "forged/no-version", "--json"];
    const { out, status } = await run("--to", await serve(noVersion), ...args);
    const values = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(values).toMatchObject([
      { name: "reach/genuine", verdict: "passed", came: "204" },
      { name: "forged/no-version", verdict: "failed", came: "204", cure: expect.any(String) as string },
      { ok: false, complete: true, counts: { passed: 1, failed: 1, warned: 0, unknown: 0 } },
    ]);
    expect(status).toBe(1);
  });

  it("lists what it checks without a receiver", async () => {
    const { out, status } = await run("--list");
    expect(out.trim().split("\n")).toHaveLength(checkRules.length);
    expect(out).toMatch(/^forged\/wrong-secret +refuses a delivery signed with another secret$/m);
    expect(status).toBe(0);
  });

  it.each([
    [["--secret", secret], "There is no URL: give --to http://localhost:3000/webhooks/ahasend."],
    [["--to", "http://localhost:1/"], "There is no secret: give --secret, or set AHASEND_WEBHOOK_SECRET."],
    [
      ["--to", "http://localhost:1/", "--secret", secret, "--only", "forgery"],
      'only names "forgery", which is no check: ',
    ],
    [
      ["--to", "http://localhost:1/", "--secret", secret, "--timeout", "0"],
      "Give a number of seconds above 0.",
    ],
    [
      ["--to", "http://192.0.2.1/", "--secret", secret],
      "192.0.2.1 is not this machine: use localhost, or give --allow-remote",
    ],
  ])("ends with 2 and one line for %j", async (args, message) => {
    const { err, status } = await run(...args);
    expect(err).toContain(message);
    expect(err).toMatch(/^error: .*\n$/);
    expect(status).toBe(2);
  });

  it("ends with 1 when nothing listens, and says it once", async () => {
    const { out, status } = await run("--to", await closedPort(), "--secret", secret);
    expect(out).toContain("Start the receiver");
    expect(out.split("\n").length).toBeLessThan(20);
    expect(status).toBe(1);
  });

  it("ends with 130 on Ctrl+C, after what it knows", async () => {
    const { url, arrived } = await noting(
      (_request, response) => void setTimeout(() => response.end(), 60_000).unref(),
    );
    const child = start("--to", url, "--secret", secret, "--timeout", "60");
    const out = text(child.stdout!);
    await expect.poll(() => arrived.length, { timeout: 20_000 }).toBe(1);
    child.kill("SIGINT");
    expect((await once(child, "close"))[0]).toBe(130);
    expect(await out).toMatch(
      /0 passed, 0 failed, 0 warnings, 1 not judged, .*, and the rest was not tried\n$/,
    );
  });
});

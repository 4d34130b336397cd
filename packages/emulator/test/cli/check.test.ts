import { describe, expect, it } from "vitest";

import { checkRules } from "../../src/index.js";
import { closedPort, neverReply, noting, secret, serve } from "../helpers.js";
import { handmade } from "../check/receivers/handmade.js";
import { Program, run, runProcess } from "./program.js";

const takesNoVersion = handmade(secret, { matches: (entry, right) => entry.replace(/^v1,/, "") === right });

describe("ahasend-webhooks check", () => {
  it("prints what was sent, what was observed and the fix", async () => {
    const url = await serve(takesNoVersion);
    const { status, stdout, stderr } = await runProcess(["check", "--to", url, "--only", "forged"]);
    expect(stdout).toContain("\nforged\n  ✓ refuses a delivery that is signed with another secret\n");
    expect(stdout).toContain(`
  ✗ refuses the valid signature without its version
      sent      the valid signature without its version
      observed  204
      expected  4xx
      fix       Match only entries that begin with \`v1,\`: `);
    expect(stdout).toMatch(/\n13 passed, 1 failed, 0 warnings, 0 inconclusive, in \d+\.\d s\n$/);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  });

  it("exits with 0 when nothing failed, and prints what is inconclusive", async () => {
    const url = await serve(handmade(secret));
    const only = ["--only", "time,effects", "--only", "replies/get"];
    const { status, stdout } = await run(["check", "--to", url, ...only]);
    expect(stdout).toMatch(/\n {2}\? not observable from outside: .+\n {6}effects\/visible, effects\//);
    expect(stdout).toMatch(/\n8 passed, 0 failed, 0 warnings, 5 inconclusive, /);
    expect(status).toBe(0);
  });

  it("prints one JSON value per line with --json", async () => {
    const url = await serve(takesNoVersion);
    const { status, data } = await run(["check", "--to", url, "--only", "forged/no-version", "--json"]);
    expect(data).toMatchObject([
      { kind: "check", name: "reach/genuine", verdict: "passed", observed: "204" },
      { kind: "check", name: "forged/no-version", verdict: "failed", observed: "204" },
      {
        kind: "summary",
        ok: false,
        complete: true,
        counts: { passed: 1, failed: 1, warned: 0, unknown: 0 },
      },
    ]);
    expect(status).toBe(1);
  });

  it("lists the rules without a receiver", async () => {
    const { status, stdout } = await run(["check", "--list"], { env: {} });
    expect(stdout.trim().split("\n")).toHaveLength(checkRules.length);
    expect(stdout).toMatch(/^forged\/wrong-secret +refuses a delivery that is signed with another secret$/m);
    expect(status).toBe(0);
  });

  it("reports only once that nothing listens at the URL", async () => {
    const { status, stdout } = await run(["check", "--to", await closedPort()]);
    expect(stdout).toContain("Start the receiver");
    expect(stdout.split("\n").length).toBeLessThan(20);
    expect(status).toBe(1);
  });

  it("prints a report when it is interrupted with Ctrl+C", async () => {
    const { url, arrived } = await noting(neverReply);
    const program = new Program(["check", "--to", url, "--timeout", "60"]);
    await expect.poll(() => arrived.length, { timeout: 20_000 }).toBe(1);
    program.signal("SIGINT");
    expect(await program.ended()).toBe(130);
    expect(program.stdout).toMatch(
      /0 passed, 0 failed, 0 warnings, 1 inconclusive, .+; the run was incomplete\n$/,
    );
  });
});

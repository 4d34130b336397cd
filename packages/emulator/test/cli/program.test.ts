import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { faultKinds } from "../../src/index.js";
import { faultNames, parseFault } from "../../src/cli/options/fault-option.js";
import { noting, receiving, secret } from "../helpers.js";
import { main, run, runProcess } from "./program.js";

const commands = ["dev", "send", "scenario", "listen", "capture", "replay", "check", "verify", "inbox"];

describe("--help", () => {
  it.each(commands)("of %s has examples and explains the exit status", async (command) => {
    const { status, stdout, stderr } = await run([command, "--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`$ npx @ahasend-webhooks/emulator ${command} `);
    expect(stdout).toMatch(/^Exit status: 0 .*2 invalid options/m);
  });

  it("lists the commands", async () => {
    const { status, stdout } = await runProcess(["--help"]);
    expect(status).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  it("is printed, with exit code 2, when no command is named", async () => {
    const { status, stderr } = await runProcess([]);
    expect(status).toBe(2);
    expect(stderr).toContain("Usage: ahasend-webhooks");
  });

  it("--version prints the version of the package", async () => {
    const manifest = new URL("../../package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    expect((await runProcess(["--version"])).stdout).toBe(`${version}\n`);
  });
});

describe("the output of the program", () => {
  const ansi = "\u001b[";

  it("has no colours when it is piped, unless FORCE_COLOR is set", async () => {
    const { url } = await receiving();
    const args = ["send", "message.opened", "--to", url];
    const env = { AHASEND_WEBHOOK_SECRET: secret };
    expect((await runProcess(args, { env })).stdout).not.toContain(ansi);
    expect((await runProcess(args, { env: { ...env, FORCE_COLOR: "1" } })).stdout).toContain(ansi);
    expect((await runProcess(["send", "--to", "x"], { env })).stderr).not.toContain(ansi);
  });

  it("shows no progress when it is piped", async () => {
    const { url } = await receiving();
    const { stderr } = await runProcess([
      "scenario",
      "delivered",
      "--to",
      url,
      "--count",
      "40",
      "--rate",
      "20",
    ]);
    expect(stderr).toBe("");
  });

  it
    .skipIf(process.platform !== "linux")
    .each([
      ["check", "--list"],
      ["send", "message.opened", "--to", "http://localhost:1/", "--speed", "Infinity"],
      ["--help"],
    ])("is one error line and exit code 70 when it cannot be written: %s %s", async (...args) => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
      env: { PATH: process.env["PATH"], AHASEND_WEBHOOK_SECRET: secret },
    });
    closeSync(full);
    expect([status, stderr]).toEqual([
      70,
      "error: The output cannot be written (ENOSPC): free up space, or write somewhere else.\n",
    ]);
  });

  it("contains no control characters from a reply", async () => {
    const answer = await noting((_request, response) =>
      response.writeHead(500).end("\u001b]0;owned\u0007\r\nline two \u202e"),
    );
    const { stdout } = await run(["send", "message.opened", "--to", answer.url, "--speed", "Infinity"]);
    expect(stdout).toMatch(/500 Internal Server Error .*owned line two$/m);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("--fault", () => {
  it("offers every kind of fault", () => {
    const kinds = faultNames.map((name) => parseFault(name).kind);
    expect(new Set(kinds)).toEqual(new Set(faultKinds));
  });

  it("is documented with every name and kind", () => {
    const page = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
    expect(faultKinds.filter((kind) => !page.includes(`kind: "${kind}"`))).toEqual([]);
    expect(faultNames.filter((name) => !new RegExp(`\`${name}[\`=]`).test(page))).toEqual([]);
  });

  it.each([
    ["stale=600@2", { kind: "timestamp", offsetSeconds: -600, attempts: 2 }],
    ["concurrent=3", { kind: "copies", count: 3, timing: "together" }],
    ["truncated=10", { kind: "truncated_body", bytes: 10 }],
    ["unknown-type=message.beamed", { kind: "unknown_type", type: "message.beamed" }],
    ["compressed=br@1", { kind: "content_encoding", encoding: "br", attempts: 1 }],
  ])("parses %s", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });
});

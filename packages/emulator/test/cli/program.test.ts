import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { faultKinds } from "../../src/index.js";
import { faultNames, parseFault } from "../../src/cli/options/fault-option.js";
import { noting, receiving, secret } from "../helpers.js";
import { main, run } from "./program.js";

const commands = ["send", "scenario", "listen", "replay", "check", "verify"];
const to = ["--to", "http://localhost:1/webhooks/ahasend"];

describe("help", () => {
  it.each(commands)("of %s has examples and says what the exit status means", async (command) => {
    const { status, stdout, stderr } = await run([command, "--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`$ npx @ahasend-webhooks/emulator ${command} `);
    expect(stdout).toMatch(/^Exit status: 0 .*2 wrong options/m);
  });

  it("lists the commands", async () => {
    const { status, stdout } = await run(["--help"]);
    expect(status).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  it("is what somebody gets who names no command", async () => {
    const { status, stderr } = await run([]);
    expect(status).toBe(2);
    expect(stderr).toContain("Usage: ahasend-webhooks");
  });

  it("tells the version of the package", async () => {
    const manifest = new URL("../../package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    expect((await run(["--version"])).stdout).toBe(`${version}\n`);
  });
});

describe("a mistake of the user", () => {
  const mistakes = {
    "no command": ["sned"],
    "an unknown option": ["send", "message.opened", ...to, "--sped", "9"],
    "a missing option": ["send", "message.opened"],
    "an unknown type": ["send", "message.bouncd", ...to],
    "no event": ["send", ...to],
    "a type and a file": ["send", "message.opened", "--file", "event.json", ...to],
    "a URL without its scheme": ["send", "message.opened", "--to", "localhost:3000"],
    "a URL of another machine": ["send", "message.opened", "--to", "http://192.0.2.1/"],
    "a speed of 0": ["send", "message.opened", ...to, "--speed", "0"],
    "an unknown fault": ["send", "message.opened", ...to, "--fault", "gremlin"],
    "a fault that takes no value": ["send", "message.opened", ...to, "--fault", "unsigned=1"],
    "a value that is none": ["send", "message.opened", ...to, "--fault", "stale=long"],
    "an attempt that cannot be chosen": ["send", "message.opened", ...to, "--fault", "duplicate@1"],
    "nothing to reorder": ["send", "message.opened", ...to, "--fault", "reordered"],
    "a setting without a value": ["send", "message.opened", ...to, "--set", "data.recipient"],
    "a setting that is no JSON": ["send", "message.opened", ...to, "--set", "data.is_bot:=yes"],
    "a setting inside a text": ["send", "message.opened", ...to, "--set", "data.subject.text=x"],
    "a file that is not there": ["send", "--file", "/no/such/file", ...to],
    "an unknown scenario": ["scenario", "delivred", ...to],
    "a count of 0": ["scenario", "delivered", ...to, "--count", "0"],
    "a recording that is not there": ["replay", "/no/such/file", ...to],
    "new ids with old signatures": ["replay", "/no/such/file", ...to, "--new-ids"],
    "a forward to another machine": ["listen", "--port", "0", "--forward-to", "http://192.0.2.1/"],
    "a file that cannot be written": ["listen", "--port", "0", "--record", "/no/such/file"],
    "an address that is not ours": ["listen", "--port", "0", "--host", "192.0.2.1"],
    "nothing to check": ["check"],
    "an unknown check": ["check", ...to, "--only", "forgery"],
    "a check of another machine": ["check", "--to", "http://192.0.2.1/"],
    "effects that are no URL": ["check", ...to, "--effects", "/stats"],
    "no time at all": ["check", ...to, "--timeout", "0"],
    "a time that is none": ["verify", "--headers", "a", "--body", "b", "--at", "noon"],
    "headers and body from one pipe": ["verify", "--headers", "-", "--body", "-"],
  };

  it.each(Object.entries(mistakes))(
    "is told in one line that ends with the cure: %s",
    async (_what, args) => {
      const { status, stdout, stderr } = await run(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^error: .+[.!]\n$/);
    },
  );

  it.each(["send message.opened", "scenario bounced", "replay requests.jsonl --resign", "check"])(
    "is no secret for %s",
    async (command) => {
      const { status, stderr } = await run([...command.split(" "), ...to], { env: {} });
      expect(status).toBe(2);
      expect(stderr).toBe("error: There is no secret: give --secret, or set AHASEND_WEBHOOK_SECRET.\n");
    },
  );

  it("does not bring a secret onto the screen", async () => {
    const padded = `${secret} `;
    for (const env of [{ AHASEND_WEBHOOK_SECRET: padded }, { AHASEND_WEBHOOK_SECRET: "" }]) {
      const given = env.AHASEND_WEBHOOK_SECRET === "" ? ["--secret", padded] : [];
      const { status, stderr } = await run(["send", "message.opened", ...to, ...given], { env });
      expect(status).toBe(2);
      expect(stderr).toContain("white space");
      expect(stderr).not.toContain(secret);
    }
  });
});

describe("the output", () => {
  const ansi = "\u001b[";

  it("has no colours when it is piped, and has them when they are asked for", async () => {
    const { url } = await receiving();
    const args = ["send", "message.opened", "--to", url];
    const env = { AHASEND_WEBHOOK_SECRET: secret };
    expect((await run(args, { env })).stdout).not.toContain(ansi);
    expect((await run(args, { env: { ...env, FORCE_COLOR: "1" } })).stdout).toContain(ansi);
    expect((await run(["send", "--to", "x"], { env })).stderr).not.toContain(ansi);
  });

  it("shows no progress when it is piped", async () => {
    const { url } = await receiving();
    const { stderr } = await run(["scenario", "delivered", "--to", url, "--count", "40", "--rate", "20"]);
    expect(stderr).toBe("");
  });

  it
    .skipIf(process.platform !== "linux")
    .each([
      ["check", "--list"],
      ["send", "message.opened", "--to", "http://localhost:1/", "--speed", "Infinity"],
      ["--help"],
    ])("that cannot be written is one line and exit status 70: %s %s", async (...args) => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
      env: { PATH: process.env["PATH"], AHASEND_WEBHOOK_SECRET: secret },
    });
    closeSync(full);
    expect([status, stderr]).toEqual([
      70,
      "error: The output cannot be written (ENOSPC): free space, or write somewhere else.\n",
    ]);
  });

  it("cannot be used by a receiver to write to the terminal", async () => {
    const answer = await noting((_request, response) =>
      response.writeHead(500).end("\u001b]0;owned\u0007\r\nline two \u202e"),
    );
    const { stdout } = await run(["send", "message.opened", "--to", answer.url, "--speed", "Infinity"]);
    expect(stdout).toMatch(/500 Internal Server Error .*owned line two$/m);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("faults", () => {
  it("are all known to the command line", () => {
    const kinds = faultNames.map((name) => parseFault(name).kind);
    expect(new Set(kinds)).toEqual(new Set(faultKinds));
  });

  it.each([
    ["stale=600@2", { kind: "timestamp", offsetSeconds: -600, attempts: 2 }],
    ["concurrent=3", { kind: "copies", count: 3, timing: "together" }],
    ["truncated=10", { kind: "truncated_body", bytes: 10 }],
    ["unknown-type=message.beamed", { kind: "unknown_type", type: "message.beamed" }],
    ["compressed=br@1", { kind: "content_encoding", encoding: "br", attempts: 1 }],
  ])("%s is read", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

import { createEvent } from "@ahasend-webhooks/testing";
import { required } from "@ahasend-webhooks/harness";
import { describe, expect, it } from "vitest";

import { toCurl } from "../src/deliveries/to-curl.js";
import type { Fault } from "../src/index.js";
import { noting, sendingTo } from "./helpers.js";

const hasCurl = required("curl", existsSync("/usr/bin/curl"));
const compressed: Fault = { kind: "content_encoding", encoding: "gzip" };

/** Runs a command as if it was pasted into a shell: as an argument it could be too large. */
async function runInShell(command: string): Promise<void> {
  const shell = spawn("sh", { stdio: ["pipe", "ignore", "ignore"] });
  shell.stdin.end(`${command}\n`);
  expect(await once(shell, "exit")).toEqual([0, null]);
}

describe.skipIf(!hasCurl)("a delivery as a curl command", () => {
  it.each<[string, Parameters<typeof createEvent<"message.opened">>[1], Fault[]]>([
    ["quotes, line breaks and umlauts", { data: { subject: "it's\n\"Müller's\" $HOME `id` \\" } }, []],
    ["a compressed body", {}, [compressed]],
    ["a body that is too large for an argument", { data: { subject: "ü".repeat(100_000) } }, []],
  ])("sends the same bytes and signature: %s", async (_what, overrides, faults) => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url);
    const [delivery] = emulator.emit(createEvent("message.opened", overrides), { faults });
    await emulator.idle();
    await runInShell(toCurl(delivery!.attempts[0]!.request));
    const [sent, repeated] = arrived;
    expect(repeated!.body.equals(sent!.body)).toBe(true);
    for (const [name, value] of Object.entries(delivery!.attempts[0]!.request.headers)) {
      expect(repeated!.headers[name], name).toBe(value);
    }
  });
});

it("writes a command that can be read", () => {
  const headers = { "webhook-id": "msg_1", "x-empty": "", "content-length": "2" };
  expect(toCurl({ method: "POST", url: "http://localhost:3000/", headers, body: "{}" })).toBe(
    `curl -i -X POST 'http://localhost:3000/' \\
  -H 'webhook-id: msg_1' \\
  -H 'x-empty;' \\
  --data-raw '{}'`,
  );
});

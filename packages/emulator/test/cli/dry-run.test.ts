import { spawn, spawnSync } from "node:child_process";
import { buffer } from "node:stream/consumers";

import { describe, expect, it } from "vitest";

import { toCurl } from "../../src/deliveries/to-curl.js";
import { noting, receiving } from "../helpers.js";
import { run } from "./program.js";

const bodies: Record<string, string | Buffer> = {
  "quotes of all kinds": `{"a":"it's \\"x\\" '' \`id\` $(id) $HOME !! \\\\ \\n %s %%"}`,
  "line breaks at the end": "{}\n\n",
  "carriage returns": "{\r\n}\r\n",
  "NUL and other control characters": "\0a\u0000\u001b]0;x\u0007\t\u007f\u009b\0",
  "characters that change the direction": "\u202e\u2066abc\u2028é😀",
  "a file name for cURL": "@/etc/hostname",
  "an option of printf, with control characters": "-v x\0%s\\0'",
  nothing: "",
  "no UTF-8": Buffer.from([0xff, 0xfe, 0x00, 0x25, 0x5c, 0x27]),
  "more than an argument may have": `"${"%x'".repeat(50_000)}"`,
};

const createRequest = (url: string, body: string | Buffer) => ({
  method: "POST" as const,
  url,
  headers: {
    "content-type": "application/json",
    "webhook-id": "msg_'$(id)\\",
    "user-agent": "",
    "content-length": "1",
  },
  body,
  uploadSeconds: 0,
});

/** Runs a script in the shell. @returns what it printed */
async function runShell(script: string): Promise<Buffer> {
  // From stdin: a script is longer than an argument may be.
  const shell = spawn("sh", ["-s"], { stdio: ["pipe", "pipe", "ignore"] });
  shell.stdin.end(script);
  return buffer(shell.stdout);
}

const hasShell = process.platform !== "win32";
const hasCurl = hasShell && spawnSync("curl", ["--version"]).status === 0;

describe.runIf(hasShell)("the cURL command of a request", () => {
  it("has the exact body and headers for the shell, whatever is in them, and nothing that a terminal obeys", async () => {
    const url = "http://localhost/a[1]?b='{c}'";
    // Prints its arguments, and what is piped into it.
    const curl = `curl() { for argument; do printf '%s\\0' "$argument"; done; printf '\\0'; [ "$argument" != @- ] || cat; printf '\\0END\\0'; }`;
    const commands = Object.values(bodies).map((body) =>
      toCurl(createRequest(url, body), { insecure: true }),
    );
    expect(commands.join("\n")).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    const printed = await runShell([curl, ...commands].join("\n"));
    const calls = printed.toString("latin1").split("\0END\0").slice(0, -1);

    for (const [index, [name, body]] of Object.entries(bodies).entries()) {
      const end = calls[index]!.indexOf("\0\0");
      const options = calls[index]!.slice(0, end).split("\0");
      const piped = calls[index]!.slice(end + 2);
      expect(options, name).toEqual(
        expect.arrayContaining(["-k", "-g", url, "webhook-id: msg_'$(id)\\", "user-agent;"]),
      );
      const argument = options[options.indexOf("--data-raw") + 1] ?? "";
      expect(options.includes("--data-raw") ? argument : piped, name).toBe(
        Buffer.from(body).toString("latin1"),
      );
    }
  });

  it.runIf(hasCurl)("sends exactly that, to a real server", async () => {
    const { url, arrived } = await noting();
    const commands = Object.values(bodies).map((body) =>
      toCurl(createRequest(url, body), { insecure: false }),
    );
    await runShell(commands.join("\n"));
    expect(arrived.map(({ body }) => body)).toEqual(Object.values(bodies).map((body) => Buffer.from(body)));
    for (const { headers } of arrived)
      expect(headers).toMatchObject({
        "webhook-id": "msg_'$(id)\\",
        "content-type": "application/json",
        "user-agent": "",
      });
  });
});

describe("ahasend-webhooks send --dry-run", () => {
  it("sends nothing, and prints a command for each copy that a receiver verifies", async () => {
    const { url, outcomes } = await receiving();
    const args = ["send", "message.bounced", "--to", url, "--dry-run", "--set", "data.subject=it's"];
    const { status, stdout } = await run([...args, "--fault", "duplicate=2"]);
    expect([status, outcomes]).toEqual([0, []]);
    expect(stdout.match(/^curl -i /gm)).toHaveLength(2);
    if (!hasCurl) return;
    await runShell(stdout);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["handled", "duplicate"]);
  });

  it("prints commands for other machines as well, and one value of JSON each with --json", async () => {
    const { status, data } = await run([
      "send",
      "message.bounced",
      "--to",
      "https://example.com/hook",
      "--dry-run",
      "--json",
      "--id",
      "msg_1",
    ]);
    expect(status).toBe(0);
    expect(data).toEqual([
      {
        kind: "dryRun",
        deliveryId: "msg_1",
        curl: expect.stringContaining("'https://example.com/hook'") as string,
      },
    ]);
  });
});

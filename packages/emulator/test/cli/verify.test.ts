import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { parseHeaders } from "../../src/cli/listener/parse-headers.js";
import { secret } from "../helpers.js";
import { files, run, runProcess } from "./program.js";

const event = createEvent("message.clicked");

/** A signed request in files, its headers as `curl -i` writes them. */
function captured({ at = Date.now(), body: change = (body: string) => body } = {}) {
  const { headers, body } = signDelivery({ secret, event, at, id: "msg_1" });
  const lines = Object.entries(headers).map(([name, value]) => `${name.toUpperCase()}: ${value}`);
  return files({
    headers: ["POST /webhooks/ahasend HTTP/1.1", ...lines, "", ""].join("\r\n"),
    json: JSON.stringify(headers),
    body: change(body),
  });
}

describe("ahasend-webhooks verify", () => {
  it("reports that a request verifies, and its type and id", async () => {
    const { headers, body } = captured();
    const { status, stdout } = await runProcess(["verify", "--headers", headers, "--body", body]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^verifies: message\.clicked msg_1, signed at \d{4}-.*Z\n$/);
  });

  it("accepts headers in JSON, and a body from stdin", async () => {
    const { json } = captured();
    const { body } = signDelivery({ secret, event });
    const { status } = await runProcess(["verify", "--headers", json, "--body", "-"], {
      input: body,
      env: { AHASEND_WEBHOOK_SECRET: secret },
    });
    expect(status).toBe(0);
  });

  it("names the mistakes that explain a wrong signature, and their fixes", async () => {
    const { headers, body } = captured({ body: (body) => `\ufeff${body}` });
    const { status, stdout } = await run([
      "verify",
      "--headers",
      headers,
      "--body",
      body,
      "--secret",
      `${secret}\n`,
    ]);
    expect(status).toBe(1);
    expect(stdout.split("\n")).toEqual([
      "does not verify: receivers refuse it with invalid_signature",
      "  secret_padded  The secret has white space around it, such as a line break: remove it.",
      "  body_with_bom  The body begins with a byte order mark that was not signed: save it without one.",
      "",
    ]);
  });

  it("reports which of several secrets signed a request", async () => {
    const { headers, body } = captured();
    const secrets = ["--secret", "aha-whsec-that-of-another-endpoint", "--secret", secret];
    const { status, stdout } = await run(["verify", "--headers", headers, "--body", body, ...secrets]);
    expect(status).toBe(0);
    expect(stdout).toContain("with secret 2 of 2");
  });

  it("reports the age of an old request, and how to verify it nevertheless", async () => {
    const at = Date.now() - 11_520_000;
    const { headers, body } = captured({ at });
    const args = ["verify", "--headers", headers, "--body", body];
    const { status, stdout } = await run(args);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ {2}stale_timestamp {2}It was signed 3 h 12 min ago/m);
    const [, hint = ""] = /use --at ([0-9]+)$/m.exec(stdout) ?? [];
    expect(hint).toBe(String(Math.floor(at / 1000)));
    expect((await run([...args, "--at", hint])).status).toBe(0);
    expect((await run([...args, "--at", new Date(at).toISOString()])).status).toBe(0);
    expect((await run([...args, "--tolerance", "20000"])).status).toBe(0);
  });

  it("prints the diagnosis as one JSON document with --json", async () => {
    const valid = captured();
    const { data } = await run(["verify", "--headers", valid.headers, "--body", valid.body, "--json"]);
    expect(data).toEqual([
      {
        verifies: true,
        secretIndex: 0,
        deliveryId: "msg_1",
        type: "message.clicked",
        sentAt: expect.stringMatching(/Z$/) as string,
      },
    ]);
    const changed = captured({ body: (body) => JSON.stringify(JSON.parse(body)) });
    const { status, data: other } = await run([
      "verify",
      "--headers",
      changed.headers,
      "--body",
      changed.body,
      "--json",
    ]);
    expect(status).toBe(1);
    expect(other).toEqual([
      {
        verifies: false,
        code: "invalid_signature",
        problems: [{ code: "body_rewritten", message: expect.stringContaining("untouched bytes") as string }],
      },
    ]);
  });

  it("requires a secret, and headers in a known format", async () => {
    const { headers, body } = captured();
    const without = await run(["verify", "--headers", headers, "--body", body], { env: {} });
    expect(without).toMatchObject({ status: 2, stderr: expect.stringContaining("use --secret") as string });
    const swapped = await run(["verify", "--headers", body, "--body", body]);
    expect(swapped.stderr).toBe(`error: ${body}: Headers in JSON must be an object of names and values.\n`);
    const { text } = files({ text: "no headers at all" });
    const wrong = await run(["verify", "--headers", text, "--body", body]);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toBe(
      `error: ${text}: Line 1 is not a header: it must have the form "name: value".\n`,
    );
  });
});

describe("parseHeaders", () => {
  const expected = [
    ["Webhook-Id", "msg_1"],
    ["x-time", "12:30: now"],
    ["x-twice", "a"],
    ["x-twice", "b"],
  ];

  it.each([
    ["lines", "Webhook-Id: msg_1\nx-time:12:30: now\nx-twice: a\nx-twice: b"],
    [
      "a request as it was sent",
      "POST / HTTP/1.1\r\nWebhook-Id:  msg_1 \r\nx-time: 12:30: now\r\nx-twice: a\r\nx-twice: b\r\n\r\nbody: x",
    ],
    [
      "what curl -v prints",
      "> POST / HTTP/2\n> Webhook-Id: msg_1\n> x-time: 12:30: now\n> x-twice: a\n> x-twice: b\n>\n",
    ],
    [
      "HTTP/2 with a byte order mark",
      "\ufeff:method: POST\n:path: /\nWebhook-Id: msg_1\nx-time: 12:30: now\nx-twice: a\nx-twice: b",
    ],
    ["a JSON object", '{"Webhook-Id":"msg_1","x-time":"12:30: now","x-twice":["a","b"]}'],
    ["JSON pairs", '[["Webhook-Id","msg_1"],["x-time","12:30: now"],["x-twice","a"],["x-twice","b"]]'],
    ["rawHeaders", '["Webhook-Id","msg_1","x-time","12:30: now","x-twice","a","x-twice","b"]'],
  ])("reads %s", (_what, text) => {
    expect(parseHeaders(text)).toEqual(expected);
  });

  it.each(["{", '{"a":{}}', "[1,2]", '["a"]', "a b"])("throws a TypeError for %s", (text) => {
    expect(() => parseHeaders(text)).toThrow(TypeError);
  });
});

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished } from "vitest";

import { assertKnownFields } from "../../src/cli/options/assert-known-fields.js";
import { parseSetting } from "../../src/cli/options/set-option.js";
import { closedPort, noting, receiving, secret } from "../helpers.js";
import { Program, files, run, runProcess } from "./program.js";

const fast = ["--speed", "Infinity"];

describe("ahasend-webhooks send", () => {
  it("delivers a sample that a receiver verifies, and prints the outcome", async () => {
    const { url, handled, outcomes } = await receiving();
    const { status, stdout, stderr } = await runProcess(["send", "message.bounced", "--to", url]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(outcomes).toMatchObject([{ kind: "handled", type: "message.bounced" }]);
    expect(stdout.replace(/\d+ ms/, "N ms").split("\n")).toEqual([
      `message.bounced to ${url} as ${handled[0]!.id}`,
      "attempt 1  204 No Content  N ms",
      "acknowledged after 1 attempt",
      "",
    ]);
  });

  it("follows the delivery through its retries, with the same id", async () => {
    const statuses = [500, 503, 204];
    const { url, arrived } = await noting((_request, response) =>
      response.writeHead(statuses[arrived.length - 1]!).end(),
    );
    const { status, stdout } = await run(["send", "message.bounced", "--to", url, ...fast]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^attempt 1 {2}500 .*next in.*\nattempt 2 {2}503 .*\nattempt 3 {2}204 No Content/m,
    );
    expect(stdout).toContain("acknowledged after 3 attempts\n");
    expect(new Set(arrived.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("prints an attempt while the next one is in flight", async () => {
    let replyToLast = () => {};
    const { url, arrived } = await noting((_request, response) => {
      if (arrived.length === 1) response.writeHead(500).end();
      else replyToLast = () => response.writeHead(204).end();
    });
    const program = new Program(["send", "message.bounced", "--to", url, ...fast]);
    await program.prints("attempt 1  500");
    await expect.poll(() => arrived.length).toBe(2);
    expect(program.stdout).not.toContain("attempt 2");
    replyToLast();
    expect(await program.ended()).toBe(0);
  });

  it.each([
    ["message.bounced", 6],
    ["message.routing", 12],
  ])("gives %s up after %i attempts", async (type, attempts) => {
    const { url, arrived } = await noting(500);
    const { status, stdout } = await run(["send", type, "--to", url, ...fast]);
    expect(status).toBe(1);
    expect(stdout).toContain(`given up after ${attempts} attempts\n`);
    expect(arrived).toHaveLength(attempts);
  });

  it("prints why there was no reply", async () => {
    const { status, stdout } = await run(["send", "message.bounced", "--to", await closedPort(), ...fast]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^attempt 6 {2}ECONNREFUSED /m);
    expect(stdout).not.toContain("Nothing answers");
  });

  it("hints after the first attempt that no server listens, instead of retrying for 16 minutes without a word", async () => {
    const to = await closedPort();
    const program = new Program(["send", "message.bounced", "--to", to]);
    await program.prints(`\n  Nothing answers at ${new URL(to).origin}: start your app, or correct --to.`);
    expect(program.stdout).toContain(
      "There are 6 attempts over 16 minutes: press Ctrl+C to stop, or use --once",
    );
    program.signal("SIGINT");
    expect(await program.ended()).toBe(130);
  });

  it("hints that a server speaks the other of http and https", async () => {
    const { url } = await noting(204);
    const secure = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    secure.listen(0, "127.0.0.1");
    await once(secure, "listening");
    onTestFinished(() => void secure.close());
    const origin = `http://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    const toHttp = new Program(["send", "message.bounced", "--to", url.replace("http:", "https:")]);
    const toHttps = new Program(["send", "message.bounced", "--to", `${origin}/hooks`]);
    await toHttp.prints(" does not speak https: correct --to. There are 6 attempts");
    await toHttps.prints(
      `The server at ${origin} closed the connection: if it speaks https, correct --to. There are 6 attempts`,
    );
    for (const program of [toHttp, toHttps]) {
      program.signal("SIGINT");
      expect(await program.ended()).toBe(130);
    }
  });

  it("makes one attempt with --once", async () => {
    const { url, arrived } = await noting(500);
    const { status, stdout } = await run(["send", "message.bounced", "--to", url, "--once"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^attempt 1 {2}500 Internal Server Error {2}\d+ ms\ngiven up after 1 attempt\n$/m);
    expect(arrived).toHaveLength(1);
  });

  it("prints a line of JSON per attempt and per delivery with --json", async () => {
    const statuses = [500, 204];
    const { url, arrived } = await noting((_request, response) =>
      response.writeHead(statuses[arrived.length - 1]!).end(arrived.length === 1 ? "boom" : ""),
    );
    const { status, data } = await run([
      "send",
      "message.opened",
      "--to",
      url,
      "--id",
      "msg_1",
      "--json",
      ...fast,
    ]);
    expect(status).toBe(0);
    const attempt = {
      kind: "attempt",
      deliveryId: "msg_1",
      copy: 1,
      type: "message.opened",
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      latencyMs: expect.any(Number) as number,
      url,
      redirects: [],
      error: null,
    };
    const nextAttemptAt = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(data).toEqual([
      { ...attempt, number: 1, status: 500, reply: "boom", nextAttemptAt },
      { ...attempt, number: 2, status: 204, reply: "", nextAttemptAt: null },
      {
        kind: "delivery",
        deliveryId: "msg_1",
        copy: 1,
        type: "message.opened",
        state: "delivered",
        attempts: 2,
      },
    ]);
  });

  it("takes the secret from --secret before the environment", async () => {
    const { url, outcomes } = await receiving();
    const env = { AHASEND_WEBHOOK_SECRET: "aha-whsec-that-of-another-endpoint" };
    const { status } = await run(["send", "message.opened", "--to", url, "--secret", secret], { env });
    expect(status).toBe(0);
    expect(outcomes).toMatchObject([{ kind: "handled" }]);
  });

  it("ends at once with Ctrl+C", async () => {
    const { url } = await noting(500);
    const program = new Program(["send", "message.bounced", "--to", url, "--speed", "0.001"]);
    await program.prints("attempt 1");
    program.signal("SIGINT");
    expect(await program.ended()).toBe(130);
    expect(program.stdout).toContain("interrupted after 1 attempt\n");
  });

  it("refuses a redirect to another machine", async () => {
    const redirecting = await noting((_request, response) =>
      response.writeHead(307, { location: "http://192.0.2.1/" }).end(),
    );
    const { status, stderr } = await run(["send", "message.opened", "--to", redirecting.url]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: 192\.0\.2\.1 .*--allow-remote.*\n$/);
  });
});

describe("the event of ahasend-webhooks send", () => {
  it("has the fields that --set sets, to strings or JSON, and those that --add adds", async () => {
    const { url, handled } = await receiving();
    const set = [
      "data.recipient=x@y.z=",
      "data.is_bot:=true",
      "data.delivery_attempt.smtp_code:=551",
      "data.delivery_attempt.description=not in the sample",
    ];
    const add = ["data.new.field=1", "data.__proto__.polluted=1"];
    const args = [...set.flatMap((each) => ["--set", each]), ...add.flatMap((each) => ["--add", each])];
    const { status } = await run(["send", "message.bounced", "--to", url, ...args]);
    expect(status).toBe(0);
    expect(handled[0]!.event).toMatchObject({
      type: "message.bounced",
      data: {
        recipient: "x@y.z=",
        is_bot: true,
        delivery_attempt: { smtp_code: 551, command: "RCPT TO", description: "not in the sample" },
        new: { field: "1" },
      },
    });
    expect(JSON.stringify(handled[0]!.event)).toContain('"__proto__":{"polluted":"1"}');
  });

  const exact = '{ "type": "message.opened",\r\n "data": {"subject": "<ü>\\u0041"}, "timestamp": "x"}\n';

  it("is the exact content of a file, or of stdin", async () => {
    const { url, arrived } = await noting();
    const { event } = files({ event: exact });
    expect((await run(["send", "--file", event, "--to", url])).status).toBe(0);
    expect((await runProcess(["send", "--file", "-", "--to", url], { input: exact })).status).toBe(0);
    expect(arrived.map(({ body }) => body.toString())).toEqual([exact, exact]);
  });

  it("is serialized as AhaSend does it when --set changes the fields of a file", async () => {
    const { url, arrived } = await noting();
    const { event } = files({ event: exact });
    await run(["send", "--file", event, "--to", url, "--set", "data.subject=<b>"]);
    expect(arrived[0]!.body.toString()).toBe(
      String.raw`{"type":"message.opened","data":{"subject":"\u003cb\u003e"},"timestamp":"x"}`,
    );
  });

  it.each([
    ["data.recipent=x", "did you mean data.recipient? Use --add for a new field."],
    ["recipient=x", "did you mean data.recipient?"],
    ["data.delivery_attempt.smtp_cod:=1", "did you mean data.delivery_attempt.smtp_code?"],
    ["data.to=x", "check its path. Use --add for a new field."],
  ])("is rejected when %s is not a field of it", (setting, cure) => {
    const event = createEvent("message.bounced");
    expect(() => assertKnownFields(event, [parseSetting(setting)])).toThrow(
      `${setting.replace(/:?=.*/, "")} is not a field of message.bounced: ${cure}`,
    );
  });

  it("is rejected when a number or boolean is set to a string, unless that is meant", () => {
    const event = createEvent("message.opened");
    const set = (setting: string) => () => assertKnownFields(event, [parseSetting(setting)]);
    expect(set("data.is_bot=true")).toThrow(
      'data.is_bot is a boolean, and = sets a string: use data.is_bot:=false, or :="…" for a string.',
    );
    expect(set("data.is_bot:=true")).not.toThrow();
    expect(set('data.is_bot:="true"')).not.toThrow();
  });

  it("may have the fields of its file, and headers of any name", () => {
    const event = { type: "message.teleported", data: { to_planet: "Mars" } };
    assertKnownFields(event, [parseSetting("data.to_planet=Venus"), parseSetting("data.headers.X-Ticket=7")]);
    expect(() => assertKnownFields(event, [parseSetting("data.to_plane=Venus")])).toThrow(
      "did you mean data.to_planet?",
    );
  });

  it.each([
    ["not UTF-8", randomBytes(16).fill(0xff), []],
    ["not an object, but fields are set", "[1]", ["--set", "a=b"]],
    ["empty", "", []],
  ])("is rejected when the file is %s", async (_what, content, args) => {
    const { event } = files({ event: content });
    const { status, stderr } = await run(["send", "--file", event, "--to", "http://localhost:1/", ...args]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: .+\.\n$/);
  });
});

describe("ahasend-webhooks send --fault", () => {
  it("duplicates a delivery, and a receiver handles it once", async () => {
    const { url, outcomes, handled } = await receiving();
    const { status, data } = await run([
      "send",
      "message.opened",
      "--to",
      url,
      "--fault",
      "duplicate=3",
      "--json",
    ]);
    expect(status).toBe(0);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["handled", "duplicate", "duplicate"]);
    expect(handled).toHaveLength(1);
    expect(data.filter(({ kind }) => kind === "delivery").map(({ copy }) => copy)).toEqual([1, 2, 3]);
  });

  it("alters only the first attempts with @N", async () => {
    const { url, outcomes } = await receiving();
    const faults = ["--fault", "stale=600@1", "--fault", "wrong-secret@2"];
    const { status } = await run(["send", "message.opened", "--to", url, ...faults, ...fast]);
    expect(status).toBe(0);
    expect(outcomes.map(({ code }) => code)).toEqual(["stale_timestamp", "invalid_signature", "handled"]);
  });

  it("alters every attempt otherwise, and the delivery is given up", async () => {
    const { url, outcomes } = await receiving();
    const { status } = await run(["send", "message.opened", "--to", url, "--fault", "unsigned", ...fast]);
    expect(status).toBe(1);
    expect(outcomes.map(({ code }) => code)).toEqual(Array(6).fill("missing_header"));
  });

  it("delivers an inbound e-mail with an unknown type to the route", async () => {
    const { url, handled } = await receiving();
    const { status } = await run([
      "send",
      "message.routing",
      "--to",
      url,
      "--fault",
      "unknown-type=message.beamed",
    ]);
    expect(status).toBe(0);
    expect(handled).toMatchObject([{ type: "message.beamed" }]);
  });
});

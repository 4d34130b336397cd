import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";

import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished } from "vitest";

import { closedPort, noting, receiving, secret } from "../helpers.js";
import { Program, files, run } from "./program.js";

const event = createEvent("message.bounced");

/** A running `listen` with JSON output. */
async function listening(args: readonly string[] = [], env?: Record<string, string>) {
  const program = new Program(["listen", "--port", "0", "--json", ...args], env && { env });
  await program.prints('"kind":"listening"');
  const url = String(program.data[0]!["url"]);
  /** What was printed about the requests, once it is so much. */
  const requests = async (count: number) => {
    await expect.poll(() => program.data.length, { timeout: 20_000 }).toBe(count + 1);
    return program.data.slice(1);
  };
  return { program, url, requests };
}

function post(url: string, { headers, body }: { headers: Record<string, string>; body: string | Buffer }) {
  return fetch(url, { method: "POST", headers, body });
}

describe("listen", () => {
  it("tells what arrives verified, again, or refused and why, and answers as a receiver", async () => {
    const { url, requests } = await listening();
    const delivery = signDelivery({ secret, event, id: "msg_1" });
    const rewritten = { ...delivery, body: JSON.stringify(JSON.parse(delivery.body)) };
    const answers = [
      await post(url, delivery),
      await post(url, delivery),
      await post(url, rewritten),
      await fetch(url),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 401, 405]);
    expect(await answers[2]!.json()).toEqual({ code: "invalid_signature" });
    const printed = await requests(4);
    expect(printed).toMatchObject([
      { kind: "request", deliveryId: "msg_1", type: "message.bounced", verdict: "verified", status: 204 },
      { deliveryId: "msg_1", verdict: "duplicate", status: 204, forwarded: null },
      { verdict: "refused", code: "invalid_signature", problems: [{ code: "body_rewritten" }], status: 401 },
      { method: "GET", verdict: "refused", code: "method_not_allowed", problems: [], status: 405 },
    ]);
  });

  it("tells it in lines for people", async () => {
    const program = new Program(["listen", "--port", "0"]);
    await program.prints("until Ctrl+C");
    const [, url = ""] = /^Listening at (\S+), until Ctrl\+C$/m.exec(program.stdout) ?? [];
    await post(url, signDelivery({ secret, event, id: "msg_1" }));
    await post(url, signDelivery({ secret: `${secret}x`, event, id: "msg_2" }));
    await program.prints("no_match");
    expect(program.stdout).toMatch(/^\d\d:\d\d:\d\d {2}message\.bounced msg_1 {2}verified {2}answered 204$/m);
    expect(program.stdout).toMatch(
      /^\S+ {2}message\.bounced msg_2 {2}refused: invalid_signature {2}answered 401\n {2}no_match {2}.*dashboard/m,
    );
  });

  it("takes several secrets, and none: then nothing is verified", async () => {
    const other = "aha-rsec-that-of-the-route-0123";
    const both = await listening(["--secret", secret, "--secret", other]);
    expect((await post(both.url, signDelivery({ secret: other, event }))).status).toBe(204);
    const none = await listening([], {});
    expect((await post(none.url, { headers: {}, body: "{}" })).status).toBe(204);
    expect(await none.requests(1)).toMatchObject([{ verdict: "unchecked" }]);
  });

  it("refuses a secret that a receiver would refuse", async () => {
    const { status, stderr } = await run(["listen", "--port", "0", "--secret", "short"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: secret is shorter than 16 characters.*\n$/);
  });

  it.each([30_000_001, 31_000_000])("refuses %i bytes: more than anything AhaSend sends", async (bytes) => {
    const { url } = await listening();
    const response = await post(url, { headers: {}, body: Buffer.alloc(bytes) });
    expect(response.status).toBe(413);
    expect((await post(url, signDelivery({ secret, event }))).status).toBe(204);
  });

  it("does not look for the cause in a large forged body, which would hold everything up", async () => {
    const { url, requests } = await listening();
    const body = `{"type":"message.routing","data":"${"<".repeat(8_000_000)}"}`;
    const forged = signDelivery({ secret: `${secret}x`, event: body });
    expect((await post(url, forged)).status).toBe(401);
    expect(await requests(1)).toMatchObject([
      {
        type: "message.routing",
        verdict: "refused",
        problems: [{ code: "body_not_searched", message: expect.stringContaining("up to 100000") as string }],
      },
    ]);
  });

  it("takes ten large bodies at the same time, and refuses more with 503", async () => {
    const { url, requests } = await listening();
    const stalled = Array.from({ length: 10 }, () => {
      const sent = request(url, { method: "POST", headers: { "content-length": "29000000" } });
      sent.on("error", () => undefined).write("{");
      onTestFinished(() => void sent.destroy());
      return sent;
    });
    await Promise.all(
      stalled.map((sent) =>
        once(sent, "socket").then(([socket]) => once(socket as IncomingMessage, "ready")),
      ),
    );
    const large = { headers: {}, body: Buffer.alloc(100_000) };
    await expect.poll(async () => (await post(url, large)).status).toBe(503);
    expect((await post(url, signDelivery({ secret, event }))).status, "a small one has room").toBe(204);
    for (const sent of stalled) sent.destroy();
    await expect.poll(async () => (await post(url, large)).status).toBe(400);
    expect((await requests(2)).map(({ status }) => status)).toEqual([204, 400]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("is stopped with %s, connections or not", async (signal) => {
    const { program, url } = await listening();
    await post(url, signDelivery({ secret, event }));
    program.signal(signal);
    expect(await program.ended()).toBe(0);
  });

  it("says when its port is taken", async () => {
    const { url } = await listening();
    const { status, stderr } = await run(["listen", "--port", new URL(url).port]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: Port \d+ .*EADDRINUSE.*--port.*\n$/);
  });
});

describe("listen --forward-to", () => {
  it("passes on the untouched bytes and headers, and answers what it is answered", async () => {
    const body = randomBytes(1000);
    const app = await noting((_request, response) =>
      response
        .writeHead(418, "Teapot", { "x-app": "yes", "set-cookie": ["a=1", "b=2"] })
        .end("short and stout"),
    );
    const { url, requests } = await listening(["--forward-to", `${app.url}?a=b`]);
    const sent = request(url, {
      method: "POST",
      headers: [
        "X-Case",
        "Kept",
        "x-twice",
        "1",
        "x-twice",
        "2",
        "Host",
        "tunnel.example",
        "Content-Length",
        "1000",
      ],
    });
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(418);
    expect(response.headers).toMatchObject({ "x-app": "yes", "set-cookie": ["a=1", "b=2"] });
    expect(await text(response)).toBe("short and stout");
    expect(app.arrived).toHaveLength(1);
    const [arrived] = app.arrived;
    expect(arrived).toMatchObject({ method: "POST", url: "/webhooks/ahasend?a=b", body });
    expect(arrived!.headers).toMatchObject({
      "x-case": "Kept",
      "x-twice": "1, 2",
      host: new URL(app.url).host,
    });
    expect(await requests(1)).toMatchObject([
      { verdict: "refused", status: 418, forwarded: { status: 418, answer: "short and stout" } },
    ]);
  });

  it("lets a receiver behind it verify", async () => {
    const app = await receiving();
    const { url } = await listening(["--forward-to", app.url]);
    const { status } = await run(["send", "message.routing", "--to", url]);
    expect(status).toBe(0);
    expect(app.outcomes).toMatchObject([{ kind: "handled", type: "message.routing" }]);
  });

  it("survives every odd answer of the app, and says 502 for what HTTP cannot say", async () => {
    const ok = "HTTP/1.1 204 No Content\r\n\r\n";
    const odd: Record<string, { raw: string | Buffer; status: number }> = {
      "status 099": { raw: "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n", status: 502 },
      "status 000": { raw: "HTTP/1.1 000 Odd\r\ncontent-length: 0\r\n\r\n", status: 502 },
      "status 100 and then nothing": { raw: "HTTP/1.1 100 Continue\r\n\r\n", status: 502 },
      "status 103 first": { raw: `HTTP/1.1 103 Early Hints\r\n\r\n${ok}`, status: 204 },
      "status 101": {
        raw: "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        status: 502,
      },
      "status 199": { raw: "HTTP/1.1 199 Odd\r\n\r\n", status: 502 },
      "status 600": { raw: "HTTP/1.1 600 Odd\r\ncontent-length: 0\r\n\r\n", status: 600 },
      "status 999": { raw: "HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n", status: 999 },
      "status 1000": { raw: "HTTP/1.1 1000 Odd\r\ncontent-length: 0\r\n\r\n", status: 502 },
      "no reason": { raw: "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", status: 200 },
      "a control character in a header": { raw: "HTTP/1.1 200 OK\r\nx: a\u0001b\r\n\r\n", status: 502 },
      "DEL in a header": { raw: "HTTP/1.1 200 OK\r\nx: a\u007fb\r\ncontent-length: 0\r\n\r\n", status: 502 },
      "Latin-1 in a header": {
        raw: Buffer.from("HTTP/1.1 200 OK\r\nx: \u00fc\r\ncontent-length: 0\r\n\r\n", "latin1"),
        status: 200,
      },
      "a header without a name": { raw: "HTTP/1.1 200 OK\r\n: x\r\ncontent-length: 0\r\n\r\n", status: 502 },
      "huge headers": { raw: `HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, status: 502 },
      "a body that ends early": { raw: "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort", status: 200 },
      "a body with 204": { raw: "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello", status: 204 },
      "nothing at all": { raw: "", status: 502 },
      "something else than HTTP": { raw: "SSH-2.0-OpenSSH_9.2\r\n", status: 502 },
    };
    const app = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (chunk) => {
        const [, name = ""] = /x-odd: (.*)\r\n/.exec(chunk.toString()) ?? [];
        socket.end(odd[name]?.raw ?? ok);
      });
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void app.close());
    await once(app, "listening");
    const to = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
    const { program, url, requests } = await listening(["--forward-to", to]);
    const answers: Record<string, number | undefined> = {};
    for (const name of [...Object.keys(odd), "an ordinary one"]) {
      // fetch has rules of its own for statuses.
      const sent = request(url, { method: "POST", headers: { "x-odd": name }, agent: false }).end("{}");
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      response.resume();
      answers[name] = response.statusCode;
    }
    const expected = Object.entries(odd).map(([name, { status }]) => [name, status]);
    expect(answers).toEqual({ ...Object.fromEntries(expected), "an ordinary one": 204 });
    expect(await requests(expected.length + 1)).toHaveLength(expected.length + 1);
    program.signal("SIGTERM");
    expect([await program.ended(), program.stderr]).toEqual([0, ""]);
  });

  it("passes on the status and the first megabyte of a longer answer, and says that it was cut", async () => {
    const chunk = Buffer.alloc(1_000_000, "x");
    const app = await noting((_request, response) => {
      response.writeHead(201);
      // Without an end: until the other side has had enough.
      const write = () => void (response.destroyed || response.write(chunk, write));
      write();
    });
    const { url, requests } = await listening(["--forward-to", app.url]);
    const response = await post(url, signDelivery({ secret, event }));
    expect(response.status).toBe(201);
    expect((await response.arrayBuffer()).byteLength).toBe(1_000_000);
    expect(await requests(1)).toMatchObject([
      { status: 201, forwarded: { status: 201, answer: "x".repeat(4096), isCut: true } },
    ]);
  });

  it("passes on a refusal that comes before the app has read everything", async () => {
    const app = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        socket.write("HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        socket.destroySoon();
      });
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void app.close());
    await once(app, "listening");
    const to = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
    const { url } = await listening(["--forward-to", to]);
    expect((await post(url, { headers: {}, body: Buffer.alloc(20_000_000) })).status).toBe(413);
  });

  it("answers 502 when nobody is behind it, so that the sender tries again", async () => {
    const { url, requests } = await listening(["--forward-to", await closedPort()]);
    expect((await post(url, signDelivery({ secret, event }))).status).toBe(502);
    expect(await requests(1)).toMatchObject([
      { verdict: "verified", status: 502, forwarded: { status: null, error: { code: "ECONNREFUSED" } } },
    ]);
  });
});

describe("listen --record and replay", () => {
  /** A recording of a delivery, of the same again, and of bytes that are no text. */
  async function recording() {
    const { file } = files({ file: "" });
    const { program, url } = await listening(["--record", file]);
    const delivery = signDelivery({ secret, event, id: "msg_1" });
    const bytes = Buffer.from([0xff, 0x00, 0x0d, 0x0a]);
    await post(`${url}a?b=c`, delivery);
    await post(url, delivery);
    await post(url, { headers: { "webhook-id": "msg_2" }, body: bytes });
    program.signal("SIGTERM");
    await program.ended();
    return { file, delivery, bytes };
  }

  it("keeps what arrives to the byte, for its owner only", async () => {
    const { file: path } = files({ file: "" });
    const record = `${path}.new`;
    const { url } = await listening(["--record", record]);
    const { headers, body } = signDelivery({ secret, event });
    await post(`${url}a?b=c`, { headers, body });
    const [line = "", ...rest] = readFileSync(record, "utf8").split("\n");
    const { headers: kept, ...recorded } = JSON.parse(line) as { headers: [string, string][] };
    expect(recorded).toEqual({
      receivedAt: expect.stringMatching(/Z$/) as string,
      method: "POST",
      url: "/a?b=c",
      body: Buffer.from(body).toString("base64"),
    });
    expect(Object.fromEntries(kept)).toMatchObject(headers);
    expect(rest).toEqual([""]);
    expect(statSync(record).mode & 0o777).toBe(0o600);
  });

  it("keeps 100 MB of what does not verify, says what it leaves out, and keeps what verifies", async () => {
    const { file } = files({ file: "" });
    const { url, requests } = await listening(["--record", `${file}.new`]);
    const forged = { headers: { "webhook-id": "forged" }, body: Buffer.alloc(29_000_000) };
    for (let count = 0; count < 4; count += 1) await post(url, forged);
    await post(url, signDelivery({ secret, event, id: "msg_1" }));
    expect((await requests(5)).map(({ recorded }) => recorded)).toEqual([true, true, false, false, true]);
    expect(statSync(`${file}.new`).size).toBeLessThan(100_000_000);
    const people = new Program(["listen", "--port", "0", "--record", `${file}.people`]);
    await people.prints("until Ctrl+C");
    const [, address = ""] = /^Listening at (\S+),/m.exec(people.stdout) ?? [];
    for (let count = 0; count < 3; count += 1) await post(address, forged);
    await people.prints("  not recorded: what does not verify has taken 100 MB already\n");
  });

  it.skipIf(process.platform !== "linux")("ends with one line when the disk is full", async () => {
    const { program, url } = await listening(["--record", "/dev/full"]);
    await post(url, signDelivery({ secret, event })).catch(() => undefined);
    expect([await program.ended(), program.stderr]).toEqual([
      70,
      "error: /dev/full cannot be written (ENOSPC): free space, or write somewhere else.\n",
    ]);
  });

  it("sends it again to the byte", async () => {
    const { file, delivery, bytes } = await recording();
    const app = await noting();
    const { status, stdout } = await run(["replay", file, "--to", app.url]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^message\.bounced msg_1 {2}204 No Content {2}\d+ ms$/m);
    expect(stdout).toMatch(/^3 of 3 acknowledged$/m);
    expect(app.arrived.map(({ body }) => body)).toEqual([
      Buffer.from(delivery.body),
      Buffer.from(delivery.body),
      bytes,
    ]);
    expect(app.arrived[0]!.headers).toMatchObject(delivery.headers);
  });

  it("signs it anew with --resign, and gives it new ids with --new-ids", async () => {
    const old = signDelivery({ secret, event, id: "msg_1", at: Date.now() - 86_400_000 });
    const line = JSON.stringify({
      receivedAt: "2026-07-14T15:03:21Z",
      method: "POST",
      url: "/",
      headers: Object.entries(old.headers),
      body: Buffer.from(old.body).toString("base64"),
    });
    const { file } = files({ file: `${line}\n${line}\n` });
    const app = await receiving();
    const args = ["replay", file, "--to", app.url];
    const asItWas = await run(args);
    expect(asItWas.status).toBe(1);
    expect(asItWas.stdout).toContain("401 Unauthorized");
    expect((await run([...args, "--resign"])).status).toBe(0);
    const renewed = await run([...args, "--resign", "--new-ids", "--json"]);
    expect(renewed.status).toBe(0);
    expect(app.outcomes.map(({ code }) => code)).toEqual([
      "stale_timestamp",
      "stale_timestamp",
      "handled",
      "duplicate",
      "handled",
      "handled",
    ]);
    const [first, second] = renewed.program.data;
    expect(first).toEqual({
      kind: "replayed",
      deliveryId: expect.stringMatching(/^msg_/) as string,
      type: "message.bounced",
      status: 204,
      answer: "",
      isCut: false,
      error: null,
      latencyMs: expect.any(Number) as number,
    });
    expect(new Set(["msg_1", first!["deliveryId"], second!["deliveryId"]]).size).toBe(3);
  });

  it("exits with 1 when somebody refuses, or nobody answers", async () => {
    const { file } = await recording();
    const app = await noting(500);
    expect((await run(["replay", file, "--to", app.url])).status).toBe(1);
    const { status, stdout } = await run(["replay", file, "--to", await closedPort()]);
    expect(status).toBe(1);
    expect(stdout).toContain("ECONNREFUSED");
  });

  it.each([
    ["no recording", '{"a":1}\n', "Line 1 of"],
    ["no JSON", "{\n", "Line 1 of"],
    ["empty", "", "is empty"],
  ])("is refused when the file is %s", async (_what, content, message) => {
    const { file } = files({ file: content });
    const { status, stderr } = await run(["replay", file, "--to", "http://localhost:1/"]);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

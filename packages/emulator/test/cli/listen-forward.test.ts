import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";

import { signDelivery } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished } from "vitest";

import { closedPort, noting, receiving, secret } from "../helpers.js";
import { event, listening, post } from "./listening.js";
import { run } from "./program.js";

describe("ahasend-webhooks listen --forward-to", () => {
  it("forwards the untouched bytes and headers, and passes on the reply", async () => {
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

  it("survives every odd reply of the app, and replies 502 to those that are not valid HTTP", async () => {
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

  it("passes on the status and the first megabyte of a longer reply, and reports that it was cut", async () => {
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
      { status: 201, forwarded: { status: 201, reply: "x".repeat(4096), isCut: true } },
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

  it("replies 502 when the app is not running, so that the sender retries", async () => {
    const { url, requests } = await listening(["--forward-to", await closedPort()]);
    expect((await post(url, signDelivery({ secret, event }))).status).toBe(502);
    expect(await requests(1)).toMatchObject([
      { verdict: "verified", status: 502, forwarded: { status: null, error: { code: "ECONNREFUSED" } } },
    ]);
  });
});

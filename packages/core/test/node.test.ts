import { once } from "node:events";
import { Agent, type IncomingMessage, type Server, createServer, request } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, type Socket, connect } from "node:net";
import { text } from "node:stream/consumers";

import { afterEach, describe, expect, it, onTestFinished } from "vitest";

import { type Handlers, type ReceiverOptions, createReceiver } from "../src/index.js";
import { nodeHandler } from "../src/node.js";
import { bounced, clockOf, delivery, headersOf, recording, secret, vectors } from "./helpers.js";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(on: Handlers = { "*": () => undefined }, more: Partial<ReceiverOptions> = {}) {
  const { options, outcomes } = recording(on, more);
  server = createServer(nodeHandler(createReceiver(options)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}/`, outcomes };
}

const headerLines = (headers: Record<string, string>) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");

function head(headers: Record<string, string>): string {
  return `POST / HTTP/1.1\r\nhost: localhost\r\n${headerLines(headers)}\r\n`;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** Everything the server sends until it closes the connection. */
const answerOf = (socket: Socket) => text(socket);

describe("over HTTP", () => {
  it.each(vectors)("accepts the vector $name over HTTP", async (vector) => {
    const { url } = await listen(undefined, { secret: vector.secret, now: clockOf(vector) });
    const response = await fetch(url, { method: "POST", headers: headersOf(vector), body: vector.body });
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  it("keeps the connection for the next delivery", async () => {
    const { url, outcomes } = await listen();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const reused: boolean[] = [];
    for (const id of ["msg_1", "msg_2", "msg_3"]) {
      const { headers, body } = delivery(bounced, id);
      const outgoing = request(url, { method: "POST", headers, agent }).end(body);
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      expect(response.statusCode).toBe(204);
      response.resume();
      await once(response, "end");
      reused.push(outgoing.reusedSocket);
    }
    agent.destroy();
    expect(reused).toEqual([false, true, true]);
    expect(outcomes).toHaveLength(3);
  });

  it("refuses a repeated header", async () => {
    const { port } = await listen();
    const socket = await open(port);
    const { headers } = delivery();
    const twice = head({
      ...headers,
      "content-length": String(bounced.length),
      connection: "close",
      "Webhook-Id": "msg_1",
    });
    socket.write(twice + bounced);
    expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 400 .*\{"code":"invalid_header"\}$/s);
  });
});

describe("a request that middleware has paused", () => {
  it("reads a request that middleware has paused", async () => {
    const handle = nodeHandler(createReceiver(recording({ "*": () => undefined }).options));
    server = createServer((req, res) => {
      req.pause();
      void handle(req, res);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", ...delivery() });
    expect(status).toBe(204);
  });
});

describe("a refusal before the body has arrived", () => {
  it("replies before the body has arrived and closes the connection", async () => {
    const { port } = await listen();
    const socket = await open(port);
    socket.write(head({ "content-length": "1000000" }));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 .*connection: close.*\{"code":"missing_header"\}$/is);
    socket.end();
    await once(socket, "close");
  });

  it("lets a refused sender that continues sending read the reply", async () => {
    const { url, outcomes } = await listen();
    const headers = { ...delivery().headers, "webhook-timestamp": "1" };
    const response = await fetch(url, { method: "POST", headers, body: Buffer.alloc(4_000_000) });
    expect([response.status, await response.json()]).toEqual([400, { code: "invalid_header" }]);
    expect(outcomes[0]).not.toHaveProperty("bodyBytes");
  });

  it("cuts off a refused sender that does not stop", async () => {
    const { port } = await listen();
    const socket = await open(port);
    socket.on("error", () => undefined);
    socket.write(head({ "content-length": "1000000000" }));
    const flood = setInterval(() => socket.write(Buffer.alloc(1000)), 5);
    await new Promise((resolve) => socket.once("close", resolve));
    clearInterval(flood);
  });
});

describe("a body over the limit", () => {
  it("cuts off a body over the limit while another connection gets its reply at once", async () => {
    const { port, url, outcomes } = await listen();
    const socket = await open(port);
    const answer = answerOf(socket);
    socket.write(head({ ...delivery().headers, "transfer-encoding": "chunked" }));
    const chunk = Buffer.concat([
      Buffer.from("f4240\r\n"),
      Buffer.alloc(1_000_000, "x"),
      Buffer.from("\r\n"),
    ]);
    for (let sent = 1; sent <= 31; sent += 1) {
      if (!socket.write(chunk)) await Promise.race([once(socket, "drain"), once(socket, "close")]);
      if (sent !== 15) continue;
      const small = await fetch(url, { method: "POST", ...delivery(bounced, "msg_small") });
      expect(small.status).toBe(204);
    }
    expect(await answer).toMatch(/^HTTP\/1.1 413 .*connection: close.*\{"code":"body_too_large"\}$/is);
    expect(outcomes.map(({ code }) => code)).toEqual(["handled", "body_too_large"]);
  });

  it("does not read a body that is declared over the limit", async () => {
    const { port } = await listen();
    const socket = await open(port);
    socket.write(head({ ...delivery().headers, "content-length": "31000000" }));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 413 /);
    socket.end();
  });
});

describe("a slow or aborted body", () => {
  it("refuses a slow body after bodyTimeoutSeconds", async () => {
    const { port } = await listen(undefined, { bodyTimeoutSeconds: 0.02 });
    const socket = await open(port);
    socket.write(head({ ...delivery().headers, "content-length": "100" }) + "{");
    expect(await answerOf(socket)).toMatch(
      /^HTTP\/1.1 408 .*connection: close.*\{"code":"body_timeout"\}$/is,
    );
  });

  it("does not run the handler if the sender disconnects", async () => {
    let handled = 0;
    let report!: (outcome: unknown) => void;
    const reported = new Promise((resolve) => (report = resolve));
    const { port } = await listen(
      { "*": () => void (handled += 1) },
      { secret, onOutcome: (outcome) => report(outcome) },
    );
    const socket = await open(port);
    socket.write(
      head({ ...delivery().headers, "content-length": String(bounced.length) }) + bounced.slice(0, -1),
    );
    socket.destroy();
    expect(await reported).toMatchObject({ code: "body_aborted" });
    expect(handled).toBe(0);
  });
});

describe("over HTTP/2", () => {
  async function listenHttp2(more: Partial<ReceiverOptions>) {
    const { options, outcomes } = recording({ "*": () => undefined }, more);
    const http2 = createHttp2Server(nodeHandler(createReceiver(options))).listen(0, "127.0.0.1");
    await once(http2, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`);
    onTestFinished(() => {
      session.destroy();
      http2.close();
    });
    const post = (headers: Record<string, string>) =>
      session.request({ ":method": "POST", ":path": "/", ...headers });
    return { post, outcomes };
  }

  it("replies to a delivery over HTTP/2", async () => {
    const { post } = await listenHttp2({});
    const { headers, body } = delivery();
    const stream = post(headers).end(body);
    expect((await once(stream, "response"))[0]).toMatchObject({ ":status": 204 });
  });

  it.each([
    ["too large", { maxBodyBytes: 10 }, 413],
    ["slow", { bodyTimeoutSeconds: 0.02 }, 408],
  ])("closes the HTTP/2 stream of a body that is %s", async (_how, options, status) => {
    const { post } = await listenHttp2(options);
    const stream = post(delivery().headers);
    stream.write("x".repeat(100));
    stream.on("error", () => undefined);
    expect((await once(stream, "response"))[0]).toMatchObject({ ":status": status });
    stream.resume();
    await once(stream, "close");
  });
});

import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, type Socket, connect, createServer as createTcpServer } from "node:net";
import { fileURLToPath } from "node:url";

import { describe, expect, it, onTestFinished } from "vitest";

import { connectIgnoringWriteErrors } from "../../src/transport/connect-ignoring-write-errors.js";
import { checkEndpoint } from "../../src/index.js";
import { noting, secret, serve } from "../helpers.js";
import { handmade } from "./receivers/handmade.js";

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

describe("checkEndpoint", () => {
  it("sends every request on a new connection, even if the receiver keeps connections open", async () => {
    const receive = handmade(secret);
    let connections = 0;
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      // Like servers that ignore `connection: close`.
      response.shouldKeepAlive = true;
      response.removeHeader("connection");
      receive(request, response);
    });
    server.on("connection", () => (connections += 1)).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, "listening");
    const url = `http://127.0.0.1:${portOf(server)}/webhooks/ahasend`;
    const { ok } = await checkEndpoint({ url, secret, only: ["types", "bodies", "forged"] });
    expect(ok).toBe(true);
    expect(requests).toBeGreaterThan(40);
    expect(connections).toBe(requests);
  });

  it("passes a server that closes each connection after its reply, as Bun's does", async () => {
    const behind = await serve(handmade(secret));
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      const upstream = connect(Number(new URL(behind).port), "127.0.0.1");
      upstream.on("error", () => undefined);
      socket.pipe(upstream);
      // Without announcing it in the reply: a second request on the connection is lost.
      upstream.on("data", (chunk: Buffer) => {
        socket.write(chunk.toString("latin1").replace(/^connection: .*\r\n/im, ""), "latin1");
      });
      upstream.on("close", () => socket.destroySoon());
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const url = `http://127.0.0.1:${portOf(server)}/webhooks/ahasend`;
    const { results } = await checkEndpoint({
      url,
      secret,
      only: ["types", "bodies", "signatures", "forged", "time"],
    });
    expect(results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
  });

  it(
    "sees the 413 of a server that replies and closes while the body is still being sent",
    { timeout: 90_000 },
    async () => {
      const script = fileURLToPath(new URL("../fixtures/hono.mjs", import.meta.url));
      const child = fork(script, [secret]);
      onTestFinished(() => void child.kill());
      const [port] = (await once(child, "message")) as [number];
      const url = `http://127.0.0.1:${port}/webhooks/ahasend`;
      const only = ["limits/too-large-declared", "limits/too-large-chunked"];
      for (let run = 1; run <= 4; run += 1) {
        const { results } = await checkEndpoint({ url, secret, only, attemptTimeoutSeconds: 60 });
        expect(
          results.filter(({ verdict }) => verdict !== "passed"),
          `run ${run}`,
        ).toEqual([]);
      }
    },
  );

  it("stops reading an endless document of effects", async () => {
    const chunk = `"${"x".repeat(1_000_000)}",`;
    let written = 0;
    const { url } = await noting((_request, response) => {
      response.write("[");
      const write = () => void (response.destroyed || ((written += 1), response.write(chunk, write)));
      write();
    });
    const receiver = await serve(handmade(secret));
    const { results } = await checkEndpoint({
      url: receiver,
      secret,
      effects: url,
      only: ["effects/visible"],
    });
    expect(results.at(-1)).toMatchObject({
      verdict: "failed",
      observed: "no JSON: the reply is larger than 5000000 bytes: serve only the counts",
    });
    expect(written).toBeLessThan(100);
  });
});

it("a socket of connectIgnoringWriteErrors can be read after a write has failed", async () => {
  const reply = "HTTP/1.1 413 Payload Too Large\r\n\r\n";
  const closed = new Promise<void>((resolve) => {
    const server = createTcpServer((socket: Socket) => {
      socket.on("error", () => undefined).on("close", () => resolve());
      // The rest stays unread, so that closing resets the connection.
      socket.once("data", () => {
        socket.pause().write(reply);
        socket.destroySoon();
      });
    }).listen(0, "127.0.0.1", () => ports(portOf(server)));
    onTestFinished(() => void server.close());
  });
  let ports: (port: number) => void = () => undefined;
  const port = await new Promise<number>((resolve) => (ports = resolve));
  const socket = connectIgnoringWriteErrors({ port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  const errors: unknown[] = [];
  socket.on("error", (error) => errors.push(error)).pause();
  await once(socket, "connect");
  socket.write("POST ");
  await closed;
  for (let count = 0; count < 5; count += 1) {
    await new Promise((resolve) => socket.write(Buffer.alloc(65_536), resolve));
  }
  expect(errors).toEqual([]);
  const [chunk] = (await once(socket.resume(), "data")) as [Buffer];
  expect(chunk.toString()).toBe(reply);
});

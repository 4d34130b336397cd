import { once } from "node:events";
import { createServer, request } from "node:http";
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
} from "node:http2";
import { type AddressInfo, type Socket, connect } from "node:net";
import { PassThrough, Readable } from "node:stream";

import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { type ReceiverOptions, createReceiver } from "../../src/index.js";
import { nodeHandler } from "../../src/node.js";
import { bounced, codeOf, delivery, inbound, recording } from "../helpers.js";

const MB = 1_000_000;

function start(more: Partial<ReceiverOptions> = {}) {
  const { options, outcomes } = recording({ "*": () => undefined }, more);
  return { receiver: createReceiver(options), outcomes };
}

const limits = { maxBodyBytes: 300_000, maxInFlightBytes: 800_000 };

/** An upload whose sender has sent the first part and decides when the rest comes. */
function upload(
  receiver: ReturnType<typeof start>["receiver"],
  id: string,
  firstBytes: number,
  size = 200_000,
) {
  const body = inbound(size);
  const stream = new PassThrough();
  if (firstBytes > 0) stream.write(body.subarray(0, firstBytes));
  const headers = { ...delivery(body, id).headers, "content-length": String(body.length) };
  const reply = receiver.receive({ headers, body: stream });
  return { stream, reply, finish: () => stream.end(body.subarray(firstBytes)) };
}

/** Lets streams that have data hand it over. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Stops the clock and the timers of the receiver; streams continue. */
function holdClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
}

/** Lets time pass, and streams hand over what they have. */
async function pass(ms: number): Promise<void> {
  await turn();
  await vi.advanceTimersByTimeAsync(ms);
}

afterEach(() => vi.useRealTimers());

describe("the memory budget", () => {
  it("counts bytes that have arrived, not declared ones", async () => {
    const { receiver } = start(limits);
    const halfOpen = Array.from({ length: 50 }, (_, index) => upload(receiver, `msg_${index}`, 0));
    await turn();
    expect(await receiver.receive(delivery(inbound(250_000), "msg_whole"))).toMatchObject({ status: 204 });
    for (const { finish, reply } of halfOpen) {
      finish();
      expect(await reply).toMatchObject({ status: 204 });
    }
  });

  it("refuses the large upload of which the least has arrived, lets small bodies through, and releases its memory", async () => {
    const { receiver, outcomes } = start(limits);
    const ahead = upload(receiver, "msg_ahead", 180_000);
    const behind = upload(receiver, "msg_behind", 100_000);
    await turn();
    const newcomer = upload(receiver, "msg_newcomer", 140_000);
    const refused = await behind.reply;
    expect(refused).toMatchObject({
      status: 503,
      body: '{"code":"overloaded"}',
      headers: { connection: "close", "retry-after": "5" },
    });
    expect(await receiver.receive(delivery(bounced, "msg_small"))).toMatchObject({ status: 204 });
    for (const { finish, reply } of [ahead, newcomer]) {
      finish();
      expect(await reply).toMatchObject({ status: 204 });
    }
    expect(await receiver.receive(delivery(inbound(250_000), "msg_next"))).toMatchObject({ status: 204 });
    expect(outcomes.filter(({ code }) => code === "overloaded")).toHaveLength(1);
  });

  it("refuses a newcomer that is behind all others", async () => {
    const { receiver } = start(limits);
    const uploads = ["msg_1", "msg_2"].map((id) => upload(receiver, id, 150_000, 190_000));
    await turn();
    expect(codeOf(await upload(receiver, "msg_newcomer", 90_000).reply)).toBe("overloaded");
    for (const { finish, reply } of uploads) {
      finish();
      expect(await reply).toMatchObject({ status: 204 });
    }
  });

  it("does not refuse an authentic delivery that is being handled", async () => {
    let finish = () => undefined as void;
    const handled = new Promise<void>((resolve) => (finish = resolve));
    const { options } = recording({ "message.routing": () => handled }, limits);
    const receiver = createReceiver(options);
    const first = receiver.receive(delivery(inbound(290_000), "msg_1"));
    await turn();
    expect(codeOf(await receiver.receive(delivery(inbound(290_000), "msg_2")))).toBe("overloaded");
    finish();
    expect(await first).toMatchObject({ status: 204 });
  });

  it("prefers to refuse an upload that has stopped, however much of it has arrived", async () => {
    holdClock();
    const { receiver } = start({ ...limits, bodyTimeoutSeconds: 60 });
    const stopped = upload(receiver, "msg_stopped", 199_000);
    await turn();
    const slow = upload(receiver, "msg_slow", 0);
    // A byte now and then for a third of a second: the other one has stopped by then.
    for (let bytes = 0; bytes < 18; bytes += 1) {
      slow.stream.write("{");
      await pass(20);
    }
    expect(await receiver.receive(delivery(inbound(250_000), "msg_large"))).toMatchObject({ status: 204 });
    expect(codeOf(await stopped.reply)).toBe("overloaded");
    slow.stream.destroy();
    expect(codeOf(await slow.reply)).toBe("body_aborted");
  });

  it("has room for a body of maxBodyBytes, by default and with a higher limit", async () => {
    for (const maxBodyBytes of [30 * MB, 60 * MB]) {
      const { receiver } = start({ maxBodyBytes });
      const body = inbound(maxBodyBytes - 1000);
      expect(await receiver.receive(delivery(body))).toMatchObject({ status: 204 });
    }
  });

  it("gets its memory back from an aborted upload and from a body that is too large", async () => {
    const { receiver } = start(limits);
    for (let round = 0; round < 5; round += 1) {
      const { stream, reply } = upload(receiver, `msg_${round}`, 150_000);
      await turn();
      stream.destroy();
      expect(codeOf(await reply)).toBe("body_aborted");
      const tooLarge = Readable.from([Buffer.alloc(200_000), Buffer.alloc(200_000)]);
      const { headers } = delivery(bounced, `msg_large_${round}`);
      expect(codeOf(await receiver.receive({ headers, body: tooLarge }))).toBe("body_too_large");
    }
    expect(await receiver.receive(delivery(inbound(250_000)))).toMatchObject({ status: 204 });
  });
});

describe("an upload of which nothing arrives", () => {
  it.each([
    ["at all", 0],
    ["any more", 1000],
  ])("refuses an upload with 408 after a second without a byte %s", async (_when, bytes) => {
    holdClock();
    const { receiver, outcomes } = start({ bodyTimeoutSeconds: 60 });
    const { reply } = upload(receiver, "msg_1", bytes);
    await pass(999);
    expect(outcomes).toEqual([]);
    await pass(501);
    expect(codeOf(await reply)).toBe("body_timeout");
  });

  it("waits the whole bodyTimeoutSeconds while an upload makes progress", async () => {
    holdClock();
    const { receiver } = start({ bodyTimeoutSeconds: 60 });
    const dripping = upload(receiver, "msg_1", 0, 1000);
    const body = inbound(1000);
    for (let sent = 0; sent < 5; sent += 1) {
      dripping.stream.write(body.subarray(sent, sent + 1));
      await pass(300);
    }
    dripping.stream.end(body.subarray(5));
    expect(await dripping.reply).toMatchObject({ status: 204 });
  });
});

const forged = { ...delivery(bounced).headers, "webhook-id": "msg_forged" };

function rawHead(bytes: number): string {
  const lines = Object.entries({ ...forged, host: "localhost", "content-length": bytes });
  return `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

/** A stranger's connection that declares a body, sends nothing of it, and comes back when it is refused. */
function halfOpen(port: number, bytes: number): { close(): void } {
  let socket: Socket;
  let isClosed = false;
  const open = () => {
    socket = connect(port, "127.0.0.1", () => socket.write(rawHead(bytes)));
    socket.on("error", () => undefined);
    socket.on("data", () => socket.destroy());
    socket.on("close", () => isClosed || open());
  };
  open();
  return {
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
}

async function listen(more: Partial<ReceiverOptions> = {}) {
  const { receiver, outcomes } = start(more);
  const server = createServer(nodeHandler(receiver)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, outcomes };
}

async function post(port: number, body: string | Uint8Array, id: string): Promise<number | undefined> {
  const { headers } = delivery(body, id);
  const options = { port, host: "127.0.0.1", method: "POST", agent: false as const };
  const outgoing = request({
    ...options,
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

describe("strangers with half-open uploads", () => {
  it.each([
    ["3 of 30 MB", Array<number>(3).fill(30 * MB)],
    [
      "22 of all sizes",
      [30, 30, 30, 22, 22, 22, ...Array<number>(8).fill(1), ...Array<number>(8).fill(0.1)].map(
        (mb) => mb * MB,
      ),
    ],
  ])("accepts genuine mail of any size beside half-open uploads: %s", async (_name, sizes) => {
    const { port, outcomes } = await listen();
    const strangers = sizes.map((bytes) => halfOpen(port, bytes));
    onTestFinished(() => strangers.forEach((stranger) => stranger.close()));
    // They have been refused once, and come back.
    await expect.poll(() => outcomes.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(sizes.length);
    for (let round = 0; round < 2; round += 1) {
      for (const bytes of [29 * MB, 10 * MB, MB, 100_000]) {
        expect(await post(port, inbound(bytes), `msg_${round}_${bytes}`)).toBe(204);
      }
      expect(await post(port, bounced, `msg_${round}_small`)).toBe(204);
    }
    const refused = outcomes.filter(({ kind }) => kind === "refused").map(({ code }) => code);
    expect(new Set(refused)).toEqual(new Set(["body_timeout"]));
  });

  const bodies = [
    ...Array<number>(4).fill(30 * MB),
    ...Array<number>(488).fill(64 * 1024),
    ...Array<number>(5).fill(10_000),
  ];

  it("accepts small deliveries beside half-open uploads on 497 HTTP/1.1 connections", async () => {
    const { port, outcomes } = await listen();
    const strangers = bodies.map((bytes) => halfOpen(port, bytes));
    onTestFinished(() => strangers.forEach((stranger) => stranger.close()));
    await expect.poll(() => outcomes.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(bodies.length);
    for (let count = 0; count < 40; count += 1) expect(await post(port, bounced, `msg_${count}`)).toBe(204);
  });

  it("accepts small deliveries beside half-open uploads on 497 streams of one HTTP/2 connection", async () => {
    const { receiver } = start();
    const server = createHttp2Server({ settings: { maxConcurrentStreams: 1000 } }, nodeHandler(receiver));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const open = () => connectHttp2(`http://127.0.0.1:${port}`);
    const [strangers, genuine] = [open(), open()];
    onTestFinished(() => {
      strangers.destroy();
      genuine.destroy();
      server.close();
    });
    for (const bytes of bodies) {
      const stream = strangers.request({ ...forged, ":method": "POST", "content-length": bytes });
      stream.on("error", () => undefined);
    }
    await new Promise((resolve) => strangers.ping(resolve));
    for (let count = 0; count < 40; count += 1) expect(await postHttp2(genuine, `msg_${count}`)).toBe(204);
  });
});

async function postHttp2(session: ClientHttp2Session, id: string): Promise<number | undefined> {
  const { headers } = delivery(bounced, id);
  const stream = session.request({ ...headers, ":method": "POST", "content-length": bounced.length });
  stream.end(bounced);
  const [answer] = (await once(stream, "response")) as [Record<string, number>];
  return answer[":status"];
}

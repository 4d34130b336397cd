import { execFile } from "node:child_process";
import { once } from "node:events";
import { Agent, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it, onTestFinished, vi } from "vitest";

import { MemoryStore, createReceiver } from "../../src/index.js";
import { nodeHandler } from "../../src/node.js";
import { bounced, codeOf, deferred, delivery, now, recording, secret } from "../helpers.js";

/** Runs a test on timers that it moves itself. */
function fakeTimers() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
}

describe("close", () => {
  it("starts no handler for a request that was still arriving at the timeout", async () => {
    const order: string[] = [];
    const store = Object.assign(new MemoryStore(), { close: () => void order.push("closed") });
    const stream = new PassThrough();
    const { options } = recording({ "*": () => void order.push("handled") }, { store });
    const receiver = createReceiver(options);
    const pending = receiver.receive({ headers: delivery().headers, body: stream });
    await receiver.close({ timeoutSeconds: 0.01 });
    stream.end(bounced);
    expect(codeOf(await pending)).toBe("closing");
    expect(order).toEqual(["closed"]);
    expect(store.size).toBe(0);
  });

  it("waits for hours with a timeout of Infinity", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const gate = deferred();
    const { options } = recording({ "*": () => gate.promise }, { deadlineSeconds: 86_400 });
    const receiver = createReceiver(options);
    const pending = receiver.receive(delivery());
    const closed = receiver.close({ timeoutSeconds: Infinity });
    await vi.advanceTimersByTimeAsync(3_600_000);
    gate.resolve();
    await closed;
    expect((await pending).status).toBe(204);
  });

  it("refuses new deliveries, waits for those in flight, and closes the store last", async () => {
    const gate = deferred();
    const order: string[] = [];
    const store = Object.assign(new MemoryStore(), { close: () => void order.push("store") });
    const { options } = recording({ "*": () => gate.promise.then(() => order.push("handler")) }, { store });
    const receiver = createReceiver(options);
    const pending = receiver.receive(delivery());
    const closing = receiver.close();
    expect(await receiver.receive(delivery(bounced, "msg_2"))).toMatchObject({
      status: 503,
      body: '{"code":"closing"}',
      headers: { connection: "close", "retry-after": "1" },
    });
    gate.resolve();
    await closing;
    expect((await pending).status).toBe(204);
    expect(order).toEqual(["handler", "store"]);
  });

  it("aborts a handler that has not finished in time and leaves its lease", async () => {
    const store = new MemoryStore();
    let signal: AbortSignal | undefined;
    const { options } = recording(
      {
        "*": (_event, context) => {
          signal = context.signal;
          return new Promise(() => undefined);
        },
      },
      { store },
    );
    const receiver = createReceiver(options);
    const pending = receiver.receive(delivery());
    await receiver.close({ timeoutSeconds: 0.01 });
    expect(codeOf(await pending)).toBe("closing");
    expect(signal?.aborted).toBe(true);
    expect(store.claim("default:msg_1", "another", 1000)).toMatchObject({ state: "busy" });
  });

  it("may be called twice and with nothing in flight", async () => {
    const close = vi.fn();
    const receiver = createReceiver({ secret, on: {}, store: Object.assign(new MemoryStore(), { close }) });
    await Promise.all([receiver.close(), receiver.close()]);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it("rejects for an invalid timeoutSeconds, and does not close then", async () => {
    const receiver = createReceiver({ secret, now, on: {} });
    for (const timeoutSeconds of [Number.NaN, -1, -Infinity, 3_000_000, "10" as unknown as number]) {
      const closed = receiver.close({ timeoutSeconds });
      await expect(closed).rejects.toThrow(/^timeoutSeconds must be /);
    }
    expect((await receiver.receive(delivery())).status).toBe(204);
  });

  it("keeps the process alive until a receipt that fails twice has been written", async () => {
    const program = fileURLToPath(new URL("../fixtures/drains.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout.trim().split("\n")).toEqual(["receipt written", "store closed", "closed"]);
  });

  it("is hurried by a second call with a shorter time", async () => {
    fakeTimers();
    const gate = deferred();
    const { options, outcomes } = recording({ "*": () => gate.promise }, { deadlineSeconds: 86_400 });
    const receiver = createReceiver(options);
    const pending = receiver.receive(delivery());
    const closed = receiver.close({ timeoutSeconds: Infinity });
    await vi.advanceTimersByTimeAsync(60_000);
    const hurried = receiver.close({ timeoutSeconds: 0 });
    await vi.advanceTimersByTimeAsync(1100);
    await Promise.all([closed, hurried]);
    expect(codeOf(await pending)).toBe("closing");
    expect(outcomes.map(({ code }) => code)).toEqual(["closing"]);
  });

  it("is not slowed down by a second call with a longer time", async () => {
    fakeTimers();
    const { options } = recording({ "*": () => new Promise(() => undefined) }, { deadlineSeconds: 86_400 });
    const receiver = createReceiver(options);
    const pending = receiver.receive(delivery());
    const both = [receiver.close({ timeoutSeconds: 1 }), receiver.close({ timeoutSeconds: Infinity })];
    await vi.advanceTimersByTimeAsync(2000);
    await Promise.all(both);
    expect(codeOf(await pending)).toBe("closing");
  });

  it("refuses requests still arriving after half a second, and finishes verified ones", async () => {
    fakeTimers();
    const gate = deferred();
    const { options, outcomes } = recording(
      { "*": () => gate.promise },
      {
        deadlineSeconds: 60,
        secret: ({ native }) => (native === "hangs" ? new Promise<string>(() => undefined) : secret),
      },
    );
    const receiver = createReceiver(options);
    const authentic = receiver.receive(delivery());
    await vi.advanceTimersByTimeAsync(0);
    const strangers = Array.from({ length: 50 }, (_, i) => [
      receiver.receive({ headers: delivery(bounced, `upload_${i}`).headers, body: new PassThrough() }),
      receiver.receive({ ...delivery(bounced, `look-up_${i}`), native: "hangs" }),
    ]).flat();
    let isClosed = false;
    const closed = receiver.close({ timeoutSeconds: 30 }).then(() => (isClosed = true));
    await vi.advanceTimersByTimeAsync(500);
    const refusals = await Promise.all(strangers);
    expect(new Set(refusals.map(codeOf))).toEqual(new Set(["closing"]));
    expect(isClosed).toBe(false);
    gate.resolve();
    await closed;
    expect((await authentic).status).toBe(204);
    // What they end in later is nobody's business.
    await vi.advanceTimersByTimeAsync(10_000);
    expect(outcomes).toHaveLength(101);
  });

  it("accepts a body that arrives in time", async () => {
    const { options } = recording({ "*": () => undefined });
    const receiver = createReceiver(options);
    const body = new PassThrough();
    const pending = receiver.receive({ headers: delivery().headers, body });
    const closed = receiver.close();
    body.end(bounced);
    expect((await pending).status).toBe(204);
    await closed;
  });

  it("closes the connection with every reply, so that a server that closes does not wait for idle ones", async () => {
    const gate = deferred();
    const started = deferred();
    const { options } = recording({
      "message.bounced": () => {
        started.resolve();
        return gate.promise;
      },
    });
    const receiver = createReceiver(options);
    const server = createServer({ keepAliveTimeout: 600_000 }, nodeHandler(receiver)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const { headers, body } = delivery();
    const { port } = server.address() as AddressInfo;
    const sent = httpRequest({ agent, port, host: "127.0.0.1", method: "POST", headers }).end(body);
    const responded = once(sent, "response");
    await started.promise;
    const serverClosed = once(server, "close");
    server.close();
    const closed = receiver.close();
    gate.resolve();
    const [response] = await responded;
    response.resume();
    expect(response).toMatchObject({ statusCode: 204, headers: { connection: "close" } });
    await closed;
    await serverClosed;
  });

  it("lets a server close although a stranger's upload does not end", async () => {
    const { options, outcomes } = recording({}, { bodyTimeoutSeconds: 600 });
    const receiver = createReceiver(options);
    const server = createServer(nodeHandler(receiver)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const headers = { ...delivery().headers, "content-length": "1000" };
    const upload = httpRequest({ port, host: "127.0.0.1", method: "POST", headers, agent: false });
    upload.on("error", () => undefined);
    upload.write("{");
    const responded = once(upload, "response");
    await once(server, "request");
    const serverClosed = once(server, "close");
    server.close();
    await receiver.close();
    const [response] = await responded;
    response.resume();
    expect(response.statusCode).toBe(503);
    await serverClosed;
    expect(outcomes.map(({ code }) => code)).toEqual(["closing"]);
  });

  it.each([
    ["ignored", {}, delivery()],
    ["refused", {}, { ...delivery(), body: "forged" }],
  ])("closes the connection of a delivery that is %s meanwhile", async (_how, on, { headers, body }) => {
    const { options } = recording(on);
    const receiver = createReceiver(options);
    const stream = new PassThrough();
    const pending = receiver.receive({ headers, body: stream });
    const closed = receiver.close();
    stream.end(body);
    expect((await pending).headers["connection"]).toBe("close");
    await closed;
  });

  it("closes a store when the last of the receivers that share it closes", async () => {
    const close = vi.fn();
    const store = Object.assign(new MemoryStore(), { close });
    const [one, other] = [1, 2].map(() =>
      createReceiver({ secret, now, store, on: { "*": () => undefined } }),
    );
    await one?.close();
    await one?.close();
    expect(close).not.toHaveBeenCalled();
    expect((await other?.receive(delivery()))?.status).toBe(204);
    await other?.close();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it("rejects with the error of a store that cannot be closed, after the deliveries have ended", async () => {
    const gate = deferred();
    const close = () => {
      throw new Error("already closed");
    };
    const { options } = recording(
      { "*": () => gate.promise },
      { store: Object.assign(new MemoryStore(), { close }) },
    );
    const receiver = createReceiver(options);
    const pending = receiver.receive(delivery());
    const closed = expect(receiver.close()).rejects.toThrow("already closed");
    gate.resolve();
    await closed;
    expect((await pending).status).toBe(204);
  });

  it("does not wait longer than 5 seconds for a store to close", async () => {
    fakeTimers();
    const store = Object.assign(new MemoryStore(), { close: () => new Promise<void>(() => undefined) });
    const closed = expect(createReceiver({ secret, store, on: {} }).close()).rejects.toThrow(/5000 ms/);
    await vi.advanceTimersByTimeAsync(5000);
    await closed;
  });

  it("lets the outcome listener write the entries it has held back", async () => {
    const order: string[] = [];
    const store = Object.assign(new MemoryStore(), { close: () => void order.push("closed") });
    const flush = () => {
      order.push("flushed");
      throw new Error("full");
    };
    const onOutcome = Object.assign(() => undefined, { flush });
    await createReceiver({ secret, on: {}, store, onOutcome }).close();
    expect(order).toEqual(["flushed", "closed"]);
  });
});

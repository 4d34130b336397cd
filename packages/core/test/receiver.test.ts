import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

import { afterEach, describe, expect, it, vi } from "vitest";

import {
  type Handlers,
  type IdempotencyStore,
  MemoryStore,
  type Outcome,
  createReceiver,
} from "../src/index.js";
import { at, bounced, codeOf, deferred, delivery, now, recording, secret } from "./helpers.js";

afterEach(() => vi.restoreAllMocks());

const ofType = (type: string) => JSON.stringify({ type, timestamp: "", data: {} });

describe("dispatch", () => {
  it("calls the handler of an event type, or else the handler of *", async () => {
    const calls: string[] = [];
    const { options, outcomes } = recording({
      "message.bounced": (event) => void calls.push(`bounced: ${event.data.recipient}`),
      "*": (event) => void calls.push(`*: ${event.type}`),
    });
    const receiver = createReceiver(options);
    await receiver.receive(delivery(bounced, "msg_1"));
    await receiver.receive(delivery(ofType("message.opened"), "msg_2"));
    await receiver.receive(delivery(ofType("message.teleported"), "msg_3"));
    expect(calls).toEqual(["bounced: gone@example.com", "*: message.opened", "*: message.teleported"]);
    expect(outcomes).toMatchObject([{ kind: "handled" }, { kind: "handled" }, { kind: "handled" }]);
  });

  it("acknowledges an event that has no handler and leaves the store untouched", async () => {
    const store = new MemoryStore();
    const { options, outcomes } = recording({ "message.bounced": () => undefined }, { store });
    const receiver = createReceiver(options);
    for (const type of ["message.opened", "message.teleported", "constructor", "__proto__", "toString"]) {
      expect(await receiver.receive(delivery(ofType(type)))).toMatchObject({ status: 204, body: "" });
    }
    expect(outcomes.map(({ code }) => code)).toEqual(Array(5).fill("ignored"));
    expect(store.size).toBe(0);
  });

  it("calls the handler with its context", async () => {
    const seen = vi.fn();
    const native = { tenant: "acme" };
    const receiver = createReceiver({ secret, now, on: { "message.bounced": seen } });
    await receiver.receive({ ...delivery(), native });
    expect(seen).toHaveBeenCalledWith(
      expect.objectContaining({ type: "message.bounced" }),
      expect.objectContaining({ deliveryId: "msg_1", sentAt: new Date(at * 1000), attempt: 1, native }),
    );
    const { rawBody, signal } = seen.mock.calls[0]![1];
    expect(Buffer.from(rawBody).toString()).toBe(bounced);
    expect(signal.aborted).toBe(false);
  });
});

it("calls a handler as a method of the object that it is in", async () => {
  const others = vi.fn();
  const on: Handlers = {
    "message.bounced"(event, context) {
      return this["*"]?.(event, context);
    },
    "*": others,
  };
  const { status } = await createReceiver({ secret, now, on }).receive(delivery());
  expect([status, others.mock.calls.length]).toEqual([204, 1]);
});

describe("dedupe", () => {
  it("handles a delivery once", async () => {
    const handler = vi.fn();
    const { options, outcomes } = recording({ "*": handler });
    const receiver = createReceiver(options);
    for (let copy = 0; copy < 3; copy += 1) expect((await receiver.receive(delivery())).status).toBe(204);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["handled", "duplicate", "duplicate"]);
  });

  it("handles it again after a failure, and counts the attempts", async () => {
    const attempts: number[] = [];
    const { options } = recording({
      "*": (_event, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error("not yet");
      },
    });
    const receiver = createReceiver(options);
    const statuses = [];
    for (let copy = 0; copy < 4; copy += 1) statuses.push((await receiver.receive(delivery())).status);
    expect(statuses).toEqual([500, 500, 204, 204]);
    expect(attempts).toEqual([1, 2, 3]);
  });

  it("lets a duplicate wait for the delivery in flight", async () => {
    const gate = deferred();
    const handler = vi.fn(() => gate.promise);
    const { options, outcomes } = recording({ "*": handler });
    const receiver = createReceiver(options);
    const both = [receiver.receive(delivery()), receiver.receive(delivery())];
    await vi.waitFor(() => expect(handler).toHaveBeenCalled(), 10_000);
    gate.resolve();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([204, 204]);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["duplicate", "handled"]));
  });

  it("lets a waiting duplicate take over if the delivery in flight fails", async () => {
    const gate = deferred();
    const handler = vi.fn().mockImplementationOnce(() => gate.promise);
    const { options } = recording({ "*": handler });
    const receiver = createReceiver(options);
    const both = [receiver.receive(delivery()), receiver.receive(delivery())];
    await vi.waitFor(() => expect(handler).toHaveBeenCalled(), 10_000);
    gate.reject(new Error("boom"));
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([500, 204]);
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it("refuses a duplicate with 409 if the delivery in flight takes longer", async () => {
    const gate = deferred();
    const { options } = recording({ "*": () => gate.promise }, { inFlightWaitSeconds: 0 });
    const receiver = createReceiver(options);
    const first = receiver.receive(delivery());
    const copy = await receiver.receive(delivery());
    expect(copy).toMatchObject({ status: 409, body: '{"code":"in_flight"}' });
    expect(Number(copy.headers["retry-after"])).toBeGreaterThan(0);
    gate.resolve();
    expect((await first).status).toBe(204);
  });

  it("keeps endpoints apart in one store", async () => {
    const store = new MemoryStore();
    const handler = vi.fn();
    for (const endpoint of ["a", "b"]) {
      await createReceiver({ secret, now, store, endpoint, on: { "*": handler } }).receive(delivery());
    }
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it("handles duplicates again if the store is false", async () => {
    const handler = vi.fn();
    const receiver = createReceiver({ secret, now, store: false, on: { "*": handler } });
    await receiver.receive(delivery());
    await receiver.receive(delivery());
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it("claims nothing for a forged delivery", async () => {
    const store = new MemoryStore();
    const { options } = recording({ "*": () => undefined }, { store });
    await createReceiver(options).receive({ ...delivery(), body: `${bounced} ` });
    expect(store.size).toBe(0);
  });
});

describe("a handler that fails", () => {
  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
    [
      "throws a string",
      () => {
        throw "boom";
      },
    ],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
    ],
    ["rejects with null", () => Promise.reject(null)],
  ])("replies 500 and nothing else to a handler that fails: %s", async (_how, handler) => {
    const { options, outcomes } = recording({ "*": handler });
    const reply = await createReceiver(options).receive(delivery());
    expect(reply).toMatchObject({ status: 500, body: '{"code":"handler_failed"}' });
    expect(outcomes).toMatchObject([
      { kind: "refused", code: "handler_failed", type: "message.bounced", attempt: 1 },
    ]);
  });

  it("keeps the error of a handler as the cause of reply.error", async () => {
    const boom = new Error("boom");
    const { options } = recording({ "*": () => Promise.reject(boom) });
    expect((await createReceiver(options).receive(delivery())).error?.cause).toBe(boom);
  });
});

describe("a handler that takes too long", () => {
  it("aborts the signal of a slow handler, replies 503, and counts a late success", async () => {
    const gate = deferred();
    const handler = vi.fn((_event, { signal }: { signal: AbortSignal }) => gate.promise.then(() => signal));
    const { options, outcomes } = recording(
      { "*": handler },
      { deadlineSeconds: 0.01, inFlightWaitSeconds: 0 },
    );
    const receiver = createReceiver(options);
    expect(await receiver.receive(delivery())).toMatchObject({
      status: 503,
      body: '{"code":"deadline_exceeded"}',
    });
    expect(handler.mock.calls[0]![1].signal.aborted).toBe(true);
    expect(codeOf(await receiver.receive(delivery()))).toBe("in_flight");
    gate.resolve();
    await vi.waitFor(() => expect(outcomes).toHaveLength(3), 10_000);
    expect((await receiver.receive(delivery())).status).toBe(204);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(outcomes).toMatchObject([
      { code: "deadline_exceeded" },
      { code: "in_flight" },
      { code: "handled", late: true },
      { code: "duplicate" },
    ]);
  });

  it("releases the delivery if its handler fails late", async () => {
    const gate = deferred();
    const handler = vi.fn().mockImplementationOnce(() => gate.promise);
    const { options, outcomes } = recording({ "*": handler }, { deadlineSeconds: 0.01 });
    const receiver = createReceiver(options);
    expect((await receiver.receive(delivery())).status).toBe(503);
    gate.reject(new Error("late"));
    await vi.waitFor(() => expect(outcomes).toHaveLength(2), 10_000);
    expect(outcomes[1]).toMatchObject({ code: "handler_failed", late: true });
    expect((await receiver.receive(delivery())).status).toBe(204);
    expect(handler).toHaveBeenCalledTimes(2);
  });
});

describe("a store that fails", () => {
  const failing = (method: "claim" | "commit"): IdempotencyStore => {
    const store = new MemoryStore();
    return new Proxy(store, {
      get: (target, name) => {
        if (name === method) return () => Promise.reject(new Error("connection lost"));
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };

  it("refuses with 503 if the store fails", async () => {
    const handler = vi.fn();
    const { options, outcomes } = recording({ "*": handler }, { store: failing("claim") });
    const reply = await createReceiver(options).receive(delivery());
    expect(reply).toMatchObject({
      status: 503,
      body: '{"code":"store_unavailable"}',
      headers: { "retry-after": "5" },
    });
    expect(handler).not.toHaveBeenCalled();
    expect(outcomes).toMatchObject([{ error: { cause: { message: "connection lost" } } }]);
  });

  it("handles without dedupe if onStoreError is process, and reports the store error", async () => {
    const handler = vi.fn();
    const { options, outcomes } = recording(
      { "*": handler },
      { store: failing("claim"), onStoreError: "process" },
    );
    expect((await createReceiver(options).receive(delivery())).status).toBe(204);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(outcomes).toMatchObject([{ kind: "handled", storeError: { code: "store_unavailable" } }]);
  });

  it("acknowledges a delivery if the store fails after the work", async () => {
    const { options, outcomes } = recording({ "*": () => undefined }, { store: failing("commit") });
    expect((await createReceiver(options).receive(delivery())).status).toBe(204);
    expect(outcomes).toMatchObject([{ kind: "handled", storeError: { code: "store_unavailable" } }]);
  });

  it("refuses with 503 if the store is full, and forgets no delivery", async () => {
    const store = new MemoryStore({ maxEntries: 2, now });
    const { options, outcomes } = recording({ "*": () => undefined }, { store });
    const receiver = createReceiver(options);
    for (const id of ["a", "b", "c", "a", "b"]) await receiver.receive(delivery(bounced, id));
    expect(outcomes.map(({ code }) => code)).toEqual([
      "handled",
      "handled",
      "store_unavailable",
      "duplicate",
      "duplicate",
    ]);
  });
});

describe("a store that hangs", () => {
  afterEach(() => vi.useRealTimers());

  it("refuses with 503 if a claim hangs, and releases a claim that succeeds late", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const store = new MemoryStore({ now });
    const gate = deferred();
    const slow = Object.assign(new MemoryStore({ now }), {
      claim: (key: string, token: string, leaseMs: number) =>
        gate.promise.then(() => store.claim(key, token, leaseMs)),
      release: vi.fn((key: string, token: string) => store.release(key, token)),
    });
    const { options } = recording({ "*": () => undefined }, { store: slow });
    const pending = createReceiver(options).receive(delivery());
    await vi.advanceTimersByTimeAsync(1000);
    expect(codeOf(await pending)).toBe("store_unavailable");
    gate.resolve();
    await vi.waitFor(() => expect(slow.release).toHaveBeenCalled(), 10_000);
    expect(store.claim("default:msg_1", "next", 1000)).toEqual({ state: "claimed", attempt: 2 });
  });

  it("refuses with 503 if a secret look-up hangs", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { options } = recording({}, { secret: () => new Promise<string>(() => undefined) });
    const pending = createReceiver(options).receive(delivery());
    await vi.advanceTimersByTimeAsync(3000);
    expect(codeOf(await pending)).toBe("secret_unavailable");
  });
});

describe("a receipt", () => {
  const flaky = (failures: number) => {
    const store = new MemoryStore({ now });
    const commit = store.commit.bind(store);
    let left = failures;
    store.commit = (...args) => {
      left -= 1;
      if (left >= 0) throw new Error("blip");
      commit(...args);
    };
    return store;
  };

  it("writes a receipt again after a failure, so that a duplicate does not run", async () => {
    const store = flaky(2);
    const { options, outcomes } = recording({ "*": () => undefined }, { store });
    expect((await createReceiver(options).receive(delivery())).status).toBe(204);
    expect(outcomes[0]).not.toHaveProperty("storeError");
    expect(store.claim("default:msg_1", "copy", 1000)).toEqual({ state: "done" });
  });
});

describe("a copy that meets an outage after it has seen an owner", () => {
  it("refuses a duplicate that has met an owner before the store failed", async () => {
    const handler = vi.fn();
    const store = new MemoryStore({ now });
    store.claim("default:msg_1", "owner", 15_000);
    const claim = store.claim.bind(store);
    let calls = 0;
    store.claim = (...args) => {
      calls += 1;
      if (calls > 1) throw new Error("outage");
      return claim(...args);
    };
    const { options } = recording({ "*": handler }, { store, onStoreError: "process" });
    expect(codeOf(await createReceiver(options).receive(delivery()))).toBe("in_flight");
    expect(handler).not.toHaveBeenCalled();
  });
});

describe("a body that was slow to arrive", () => {
  afterEach(() => vi.useRealTimers());

  it("leaves the handler of a slow body a signal that has not fired", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const stream = new PassThrough();
    const aborted: boolean[] = [];
    const { options } = recording({ "*": (_event, { signal }) => void aborted.push(signal.aborted) });
    const pending = createReceiver(options).receive({ headers: delivery().headers, body: stream });
    for (const byte of bounced.slice(0, 12)) {
      stream.write(byte);
      await vi.advanceTimersByTimeAsync(400);
    }
    stream.end(bounced.slice(12));
    expect((await pending).status).toBe(204);
    expect(aborted).toEqual([false]);
  });
});

describe("onOutcome", () => {
  it("reports sizes, durations and the lag", async () => {
    const { options, outcomes } = recording({ "*": () => undefined }, { now: () => at * 1000 + 1500 });
    await createReceiver(options).receive(delivery());
    expect(outcomes).toMatchObject([
      {
        kind: "handled",
        code: "handled",
        status: 204,
        deliveryId: "msg_1",
        type: "message.bounced",
        attempt: 1,
        bodyBytes: bounced.length,
        lagMs: 1500,
      },
    ]);
    const { durationMs, handlerMs } = outcomes[0]!;
    expect(durationMs).toBeGreaterThanOrEqual(handlerMs!);
  });

  it("reports types that cannot forge a line of a log", async () => {
    const { options, outcomes } = recording({});
    await createReceiver(options).receive(
      delivery(ofType(`x\n{"msg":"handled"}\u001b[2J${"y".repeat(100)}`)),
    );
    expect(outcomes[0]!.type).toMatch(/^[\x21-\x7e]{64}$/);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("observer");
      },
    ],
    ["rejects", () => Promise.reject(new Error("observer"))],
  ])("ignores an onOutcome that %s", async (_how, onOutcome) => {
    const receiver = createReceiver({ secret, now, on: { "*": () => undefined }, onOutcome });
    expect((await receiver.receive(delivery())).status).toBe(204);
    await pause(0);
  });
});

describe("fetch", () => {
  it("replies to a Fetch request with status, headers and code", async () => {
    const outcomes: Outcome[] = [];
    const receiver = createReceiver({ secret, on: {}, onOutcome: (outcome) => outcomes.push(outcome) });
    const response = await receiver.fetch(new Request("http://localhost/", { method: "GET" }));
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(response.headers.get("connection")).toBeNull();
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({ code: "method_not_allowed" });
  });
});

describe("wrong options", () => {
  const start = (more: object) => () => createReceiver({ secret, on: {}, ...more });
  it.each<[string, object]>([
    ["on", { on: undefined }],
    ["on", { on: { "message.bounced": "suppress" } }],
    ["toleranceSeconds", { toleranceSeconds: Number.NaN }],
    ["toleranceSeconds", { toleranceSeconds: 0 }],
    ["toleranceSeconds", { toleranceSeconds: -1 }],
    ["toleranceSeconds", { toleranceSeconds: Infinity }],
    ["toleranceSeconds", { toleranceSeconds: "300" }],
    ["maxBodyBytes", { maxBodyBytes: 0 }],
    ["maxInFlightBytes", { maxInFlightBytes: Number.NaN }],
    ["bodyTimeoutSeconds", { bodyTimeoutSeconds: -5 }],
    ["deadlineSeconds", { deadlineSeconds: 0 }],
    ["inFlightWaitSeconds", { inFlightWaitSeconds: -1 }],
    ["now", { now: 1784041401000 }],
    ["onOutcome", { onOutcome: console }],
    ["onOutcome", { onOutcome: false }],
    ["validate", { validate: {} }],
    ["validate", { validate: null }],
    ["endpoint", { endpoint: "" }],
    ["endpoint", { endpoint: "shop:eu" }],
    ["secretFormat", { secretFormat: "hex" }],
    ["secretFormat", { secret: () => secret, secretFormat: "bsae64" }],
    ["onStoreError", { onStoreError: "ignore" }],
    [
      "on",
      {
        on: new (class {
          "message.bounced"() {}
        })(),
      },
    ],
    ["on", { on: { "message.bouncd": () => undefined } }],
    ["maxInFlightBytes", { maxBodyBytes: 1_000_000, maxInFlightBytes: 1_000_000 }],
    ["deadlineSeconds", { deadlineSeconds: 3_000_000 }],
    ["bodyTimeoutSeconds", { bodyTimeoutSeconds: 3_000_000 }],
    ["inFlightWaitSeconds", { inFlightWaitSeconds: 3_000_000 }],
    ["store", { store: new MemoryStore({ retentionSeconds: 12 * 3600 }) }],
    ["store", { store: {} }],
    ["store", { store: { retentionSeconds: 86_400 } }],
  ])("refuses a wrong %s at the start: %j", (name, more) => {
    expect(start(more)).toThrow(TypeError);
    expect(start(more)).toThrow(new RegExp(`^${name}.*[.?]$`, "s"));
  });

  it.each([{}, { get: () => undefined, set: () => undefined }, { run: "a client has this, too" }])(
    "refuses a client in place of a store, and does not complain about its retention: %j",
    (store) => expect(start({ store })).toThrow(/^store is not a store/),
  );

  it.each([{ retentionSeconds: 0 }, { retentionSeconds: Infinity }, { maxEntries: 0 }, { maxEntries: 1.5 }])(
    "refuses wrong options of MemoryStore: %j",
    (options) => expect(() => new MemoryStore(options)).toThrow(TypeError),
  );
});

import { AsyncLocalStorage } from "node:async_hooks";

import { afterEach, describe, expect, it, vi } from "vitest";

import {
  type IdempotencyStore,
  MemoryStore,
  type Store,
  type TransactionResult,
  type TransactionalStore,
  createReceiver,
} from "../../src/index.js";
import { codeOf, delivery, now, recording } from "../helpers.js";

afterEach(() => vi.useRealTimers());

type Run = (work: (extras: unknown) => Promise<void>) => unknown;

/** A store of the other kind; the type of {@link recording}'s options knows leases only. */
const transactional = (run: Run): IdempotencyStore => {
  const store: TransactionalStore = {
    retentionSeconds: 86_400,
    run: (_key, work) => run(work) as Promise<TransactionResult>,
  };
  return store as Store as IdempotencyStore;
};

const withClaim = (claim: () => unknown): IdempotencyStore =>
  Object.assign(new MemoryStore({ now }), { claim });

/** A promise of a realm or library that knows `then` and nothing else. */
const thenable = (
  settle: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void,
): object => Object.fromEntries(["then"].map((method) => [method, settle]));

const throwing = (property: string) =>
  Object.defineProperty({}, property, {
    get() {
      throw new Error("a getter that throws");
    },
  });

async function receiveWith(store: IdempotencyStore, handler: () => unknown = () => undefined) {
  const handled = vi.fn(handler);
  const { options, outcomes } = recording({ "*": handled }, { store });
  const receiver = createReceiver(options);
  return { reply: await receiver.receive(delivery()), handled, outcomes, receiver };
}

describe("a claim that is not one of the contract's", () => {
  it.each<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["null", () => null],
    ["a promise of undefined", () => Promise.resolve()],
    ["a string", () => "done"],
    ["true", () => true],
    ["an empty object", () => ({})],
    ["an unknown state", () => ({ state: "ok" })],
    ["a state in capitals", () => ({ state: "DONE" })],
    ["an array of a state", () => ({ state: ["done"] })],
    ["a claim without attempt", () => ({ state: "claimed" })],
    ["a claim whose attempt is a string", () => ({ state: "claimed", attempt: "1" })],
    ["a claim whose attempt is a bigint", () => ({ state: "claimed", attempt: 1n })],
    ["a claim whose attempt is 0", () => ({ state: "claimed", attempt: 0 })],
    ["a claim whose attempt is NaN", () => ({ state: "claimed", attempt: Number.NaN })],
    ["a state that throws when it is read", () => throwing("state")],
    ["a then that throws when it is read", () => throwing("then")],
    ["a thenable of undefined", () => thenable((resolve) => resolve(undefined))],
    [
      "a thenable that throws",
      () =>
        thenable(() => {
          throw new Error("no");
        }),
    ],
    ["a thenable that rejects", () => thenable((_resolve, reject) => reject(new Error("no")))],
  ])(
    "refuses with 503 if a claim resolves to an invalid value, without running the handler: %s",
    async (_what, claim) => {
      const { reply, handled } = await receiveWith(withClaim(claim));
      expect(reply).toMatchObject({ status: 503, body: '{"code":"store_unavailable"}' });
      expect(handled).not.toHaveBeenCalled();
    },
  );

  it("refuses with 503 if the thenable of a claim never settles", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const pending = receiveWith(withClaim(() => thenable(() => undefined)));
    await vi.advanceTimersByTimeAsync(1000);
    expect((await pending).reply.status).toBe(503);
  });

  it("releases a delivery that an invalid claim may have taken", async () => {
    const release = vi.fn();
    await receiveWith(
      Object.assign(
        withClaim(() => ({ state: "claimed", attempt: "1" })),
        { release },
      ),
    );
    await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1), 10_000);
  });

  it.each([undefined, Number.NaN, -1, Infinity, "1000"])(
    "still keeps a busy delivery from running twice: retryAfterMs %s",
    async (retryAfterMs) => {
      const { options } = recording(
        { "*": () => undefined },
        {
          store: withClaim(() => ({ state: "busy", retryAfterMs })),
          inFlightWaitSeconds: 0,
          onStoreError: "process",
        },
      );
      const reply = await createReceiver(options).receive(delivery());
      expect(reply).toMatchObject({ status: 409, headers: { "retry-after": "15" } });
    },
  );
});

describe("a promise that is only a thenable", () => {
  it("waits for the thenable of a claim and of a commit", async () => {
    const memory = new MemoryStore({ now });
    const later = <T>(operation: () => T) =>
      thenable((resolve) => setImmediate(() => resolve(operation()))) as unknown as Promise<T>;
    const store: IdempotencyStore = {
      retentionSeconds: 86_400,
      claim: (...args) => later(() => memory.claim(...args)),
      renew: (...args) => later(() => memory.renew(...args)),
      commit: (...args) => later(() => memory.commit(...args)),
      release: (...args) => later(() => memory.release(...args)),
    };
    const { reply, handled, receiver } = await receiveWith(store);
    expect(reply.status).toBe(204);
    expect(memory.claim("default:msg_1", "copy", 1000)).toEqual({ state: "done" });
    expect((await receiver.receive(delivery())).status).toBe(204);
    expect(handled).toHaveBeenCalledTimes(1);
  });

  it("reports a failed commit", async () => {
    const commit = () => thenable((_resolve, reject) => reject(new Error("blip")));
    const { outcomes } = await receiveWith(Object.assign(new MemoryStore({ now }), { commit }));
    expect(outcomes).toMatchObject([{ kind: "handled", storeError: { code: "store_unavailable" } }]);
  });

  it("reports a commit that throws synchronously", async () => {
    const commit = () => {
      throw new Error("blip");
    };
    const { outcomes } = await receiveWith(Object.assign(new MemoryStore({ now }), { commit }));
    expect(outcomes).toMatchObject([{ kind: "handled", storeError: { code: "store_unavailable" } }]);
  });
});

describe("a transactional store that breaks its contract", () => {
  it.each<[string, Run]>([
    ["resolves to undefined", () => Promise.resolve()],
    ["resolves to null", () => Promise.resolve(null)],
    ["returns nothing", () => undefined],
    ["resolves to a string", () => Promise.resolve("committed")],
    ["resolves to an unknown state", () => Promise.resolve({ state: "ok" })],
    ["says committed without the work", () => Promise.resolve({ state: "committed" })],
    ["has a state that throws", () => Promise.resolve(throwing("state"))],
    [
      "throws at once",
      () => {
        throw new Error("no");
      },
    ],
    ["returns a thenable that rejects", () => thenable((_resolve, reject) => reject(new Error("no")))],
    ["returns a thenable that says committed", () => thenable((resolve) => resolve({ state: "committed" }))],
    [
      "lends what throws when it is read",
      async (work) => {
        await work(
          Object.defineProperty({}, "client", {
            enumerable: true,
            get: () => {
              throw new Error("no");
            },
          }),
        );
        return { state: "committed" };
      },
    ],
  ])("replies 503 without running the handler if a transactional store %s", async (_what, run) => {
    const { reply, handled } = await receiveWith(transactional(run));
    expect(reply).toMatchObject({ status: 503, body: '{"code":"store_unavailable"}' });
    expect(handled).not.toHaveBeenCalled();
  });

  const later = () => new Promise((resolve) => setImmediate(resolve));
  it.each<[string, Run]>([
    ["resolves to undefined after the work", (work) => work({})],
    [
      "resolves to garbage after the work",
      async (work) => {
        await work({});
        return { state: "ok" };
      },
    ],
    [
      "says done after the work",
      async (work) => {
        await work({});
        return { state: "done" };
      },
    ],
    [
      "says busy after the work",
      async (work) => {
        await work({});
        return { state: "busy", retryAfterMs: 1 };
      },
    ],
    [
      "commits before the work has ended",
      async (work) => {
        void work({});
        return { state: "committed" };
      },
    ],
    [
      "says done before the work has ended",
      async (work) => {
        void work({});
        return { state: "done" };
      },
    ],
    [
      "calls the work twice, one after the other",
      async (work) => {
        await work({});
        await work({}).catch(() => undefined);
        return { state: "committed" };
      },
    ],
    [
      "calls the work twice at once",
      async (work) => {
        await Promise.allSettled([work({}), work({})]);
        return { state: "committed" };
      },
    ],
    [
      "throws after the work",
      async (work) => {
        await work({});
        throw new Error("connection lost");
      },
    ],
  ])("replies 503 and runs the handler at most once if a transactional store %s", async (_what, run) => {
    const { reply, handled } = await receiveWith(transactional(run), later);
    expect(reply).toMatchObject({ status: 503, body: '{"code":"store_unavailable"}' });
    expect(handled.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it.each<[string, Run]>([
    [
      "says committed",
      async (work) => {
        await work({}).catch(() => undefined);
        return { state: "committed" };
      },
    ],
    [
      "says done",
      async (work) => {
        await work({}).catch(() => undefined);
        return { state: "done" };
      },
    ],
    ["says nothing", (work) => work({}).catch(() => undefined)],
    [
      "says committed, with a thenable",
      (work) =>
        thenable((resolve) => {
          work({}).then(undefined, () => resolve({ state: "committed" }));
        }),
    ],
  ])("reports the error of the handler although the store swallows it and %s", async (_what, run) => {
    const boom = new Error("boom");
    const { reply, outcomes } = await receiveWith(transactional(run), () => Promise.reject(boom));
    expect(reply).toMatchObject({ status: 500, body: '{"code":"handler_failed"}' });
    expect(outcomes).toMatchObject([{ error: { cause: boom } }]);
  });

  it("replies 503 if a transactional store calls the work too late", async () => {
    let call: (() => Promise<void>) | undefined;
    const { reply, handled } = await receiveWith(
      transactional(async (work) => {
        call = () => work({});
        throw new Error("no connection");
      }),
    );
    expect(reply.status).toBe(503);
    await expect(call?.()).rejects.toThrow(/^The transaction began too late\.$/);
    expect(handled).not.toHaveBeenCalled();
  });

  it("survives a transactional store that drops the promise of failed work", async () => {
    const { reply } = await receiveWith(
      transactional((work) => {
        void work({});
        return new Promise((_resolve, reject) => setTimeout(() => reject(new Error("connection lost")), 1));
      }),
      () => Promise.reject(new Error("boom")),
    );
    expect(reply.status).toBe(503);
  });
});

describe("the async context", () => {
  const context = new AsyncLocalStorage<string>();
  const open: Run = async (work) => {
    await Promise.resolve();
    return context.run("the store's", async () => {
      await work({});
      return { state: "committed" };
    });
  };

  it("runs the handler in the async context of a transactional store's callback, before and after an await", async () => {
    const seen: unknown[] = [];
    const { reply } = await receiveWith(transactional(open), async () => {
      seen.push(context.getStore());
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(context.getStore());
    });
    expect(reply.status).toBe(204);
    expect(seen).toEqual(["the store's", "the store's"]);
  });

  it("runs the handler in the async context of the request as well", async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { options } = recording(
      { "*": () => void seen.push(request.getStore(), context.getStore()) },
      { store: transactional(open) },
    );
    const receiver = createReceiver(options);
    await Promise.all(
      ["a", "b"].map((id) => request.run(id, () => receiver.receive(delivery(undefined, id)))),
    );
    expect(seen).toEqual(["a", "the store's", "b", "the store's"]);
  });
});

describe("a handler that never settles", () => {
  const toFake = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] as const;
  const MINUTE_MS = 60_000;

  it.each([1, 4.5, 5, 60])("keeps its lease, with a deadline of %d s", async (deadlineSeconds) => {
    vi.useFakeTimers({ toFake: [...toFake] });
    let time = 0;
    const store = new MemoryStore({ now: () => time });
    let finish: () => void = () => undefined;
    const on = { "*": () => new Promise<void>((resolve) => (finish = resolve)) };
    const { options } = recording(on, { store, deadlineSeconds });
    const reply = createReceiver(options).receive(delivery());
    for (; time < 50_000; time += 1000) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(store.claim("default:msg_1", "next", 15_000)).toMatchObject({ state: "busy" });
    }
    finish();
    await reply;
  });

  it("abandons the lease of a hung handler after 10 minutes, and reports it", async () => {
    vi.useFakeTimers({ toFake: [...toFake] });
    let time = 0;
    const store = new MemoryStore({ now: () => time });
    const advance = async (ms: number) => {
      for (const end = time + ms; time < end;) {
        time += 1000;
        await vi.advanceTimersByTimeAsync(1000);
      }
    };
    let finish: () => void = () => undefined;
    const { options, outcomes } = recording(
      { "*": () => new Promise<void>((resolve) => (finish = resolve)) },
      { store, deadlineSeconds: 1 },
    );
    const receiver = createReceiver(options);
    const reply = receiver.receive(delivery());
    await advance(9 * MINUTE_MS);
    expect(codeOf(await reply)).toBe("deadline_exceeded");
    expect(store.claim("default:msg_1", "next", 1000)).toMatchObject({ state: "busy" });
    // The deadline and the lease come on top.
    await advance(MINUTE_MS + 1000 + 15_000);
    expect(store.claim("default:msg_1", "next", 15_000)).toEqual({ state: "claimed", attempt: 2 });
    expect(outcomes).toMatchObject([
      { code: "deadline_exceeded" },
      {
        code: "deadline_exceeded",
        late: true,
        error: { message: expect.stringMatching(/10 minutes/) as string },
      },
    ]);
    finish();
    await advance(1000);
    expect(store.claim("default:msg_1", "third", 1000)).toEqual({ state: "done" });
  });

  it("rolls back the transaction of a hung handler after 10 minutes", async () => {
    vi.useFakeTimers({ toFake: [...toFake] });
    const undone = vi.fn();
    const { options, outcomes } = recording(
      { "*": () => new Promise(() => undefined) },
      {
        store: transactional(async (work) => {
          await work({}).catch((error: unknown) => {
            undone();
            throw error;
          });
          return { state: "committed" };
        }),
      },
    );
    const reply = createReceiver(options).receive(delivery());
    await vi.advanceTimersByTimeAsync(9 * MINUTE_MS);
    expect(codeOf(await reply)).toBe("deadline_exceeded");
    expect(undone).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(MINUTE_MS + 5000);
    expect(undone).toHaveBeenCalledTimes(1);
    expect(outcomes.at(-1)).toMatchObject({ code: "deadline_exceeded", late: true });
  });
});

describe("a run on Object.prototype", () => {
  it("does not treat a store as transactional because of a run on Object.prototype", async () => {
    Reflect.set(Object.prototype, "run", () => undefined);
    try {
      expect((await receiveWith(new MemoryStore({ now }))).reply.status).toBe(204);
    } finally {
      Reflect.deleteProperty(Object.prototype, "run");
    }
  });
});

import { runInNewContext } from "node:vm";

import { describe, expect, it, onTestFinished, vi } from "vitest";

import { MemoryStore, type OutcomeListener, WebhookError, createReceiver } from "../../src/index.js";
import { codeOf, deferred, delivery, now, recording, secret } from "../helpers.js";
import { fail, hostileValues, thenable, unreadableThenable } from "../hostile.js";

/** A receiver whose outcomes go to the console, as they do by default; Vitest fails a run with an unhandled rejection. */
function receiverOf(handler: () => unknown) {
  vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => void vi.restoreAllMocks());
  return createReceiver({ secret, now, on: { "*": handler } });
}

describe("a handler", () => {
  it.each(hostileValues)(
    "loses one delivery and nothing else when a handler throws %s",
    async (_name, make) => {
      const thrown = make();
      const receiver = receiverOf(() => {
        throw thrown;
      });
      const reply = await receiver.receive(delivery());
      expect(reply).toMatchObject({ status: 500, body: '{"code":"handler_failed"}' });
      expect(Object.is(reply.error?.cause, thrown)).toBe(true);
    },
  );

  it.each(hostileValues)(
    "loses one delivery and nothing else when a handler's promise rejects with %s",
    async (_name, make) => {
      const receiver = receiverOf(() => Promise.reject(make()));
      expect(await receiver.receive(delivery())).toMatchObject({ status: 500 });
    },
  );

  it.each<[string, unknown, number]>([
    ["whose `then` throws", thenable(fail), 500],
    ["whose `then` cannot be read", unreadableThenable(), 500],
    ["that settles twice", thenable((yes: () => void, no: () => void) => (yes(), no())), 204],
    ["that throws after it has resolved", thenable((yes: () => void) => (yes(), fail())), 204],
    [
      "of another realm that rejects",
      runInNewContext("({ then: (_, no) => no(new Error('foreign')) })"),
      500,
    ],
    ["of another realm that resolves", runInNewContext("Promise.resolve(1)"), 204],
  ])("accepts a handler that returns a thenable %s", async (_how, thenable, status) => {
    expect((await receiverOf(() => thenable).receive(delivery())).status).toBe(status);
  });

  it.each(["closing", "in_flight", "invalid_signature", "deadline_exceeded"] as const)(
    "that throws a WebhookError of code %s has failed like with any other error",
    async (code) => {
      const thrown = new WebhookError(code, "Rethrown.");
      const reply = await receiverOf(() => Promise.reject(thrown)).receive(delivery());
      expect(reply).toMatchObject({
        status: 500,
        body: '{"code":"handler_failed"}',
        error: { cause: thrown },
      });
    },
  );

  it("reports a handler that rethrows the reason of its signal as late, and frees the delivery", async () => {
    const store = new MemoryStore();
    const { options, outcomes } = recording(
      {
        "*": (_event, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      },
      { deadlineSeconds: 0.01, store },
    );
    expect(codeOf(await createReceiver(options).receive(delivery()))).toBe("deadline_exceeded");
    await vi.waitFor(() => expect(outcomes).toHaveLength(2), 10_000);
    expect(outcomes).toMatchObject([
      { code: "deadline_exceeded" },
      { code: "handler_failed", late: true, error: { cause: { code: "deadline_exceeded" } } },
    ]);
    expect(store.claim("default:msg_1", "next", 1000)).toMatchObject({ state: "claimed" });
  });
});

describe("a store", () => {
  it("releases the delivery if the extras of a store cannot be read", async () => {
    const undone: unknown[] = [];
    const extras = Object.defineProperty({}, "client", {
      enumerable: true,
      get: () => {
        throw new Error("no client");
      },
    });
    const store = {
      retentionSeconds: 86_400,
      run: async (_key: string, work: (extras: unknown) => Promise<void>) => {
        await work(extras).catch((error: unknown) => {
          undone.push(error);
          throw error;
        });
        return { state: "committed" as const };
      },
    };
    const handler = vi.fn();
    const receiver = createReceiver({ secret, now, store, on: { "*": handler }, onOutcome: () => undefined });
    expect((await receiver.receive(delivery())).status).toBeGreaterThanOrEqual(500);
    expect(undone).toHaveLength(1);
    expect(handler).not.toHaveBeenCalled();
  });
});

describe("an observer", () => {
  class Lazy extends Promise<void> {
    override catch(): never {
      throw new Error("catch");
    }
  }

  it.each<[string, OutcomeListener]>([
    ["throws", fail],
    ["rejects", () => Promise.reject(new Error("observer"))],
    ["rejects with a promise that has a `catch` of its own", () => Lazy.reject(new Error("observer"))],
    ["rejects in another realm", () => runInNewContext("Promise.reject(new Error('foreign'))")],
    ["returns a thenable that cannot be read", unreadableThenable],
    ["returns a thenable that throws", () => thenable(fail)],
    ["returns a function that is a thenable", () => Object.assign(() => undefined, thenable(fail))],
  ])("ignores an outcome listener that %s", async (_how, onOutcome) => {
    const receiver = createReceiver({ secret, now, on: { "*": () => undefined }, onOutcome });
    expect((await receiver.receive(delivery())).status).toBe(204);
    expect((await receiver.receive({ ...delivery(), body: "forged" })).status).toBe(401);
    await new Promise(setImmediate);
  });
});

describe("a clock or request that throws", () => {
  it.each(hostileValues)("refuses one request if a clock or request throws %s", async (_name, make) => {
    vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => void vi.restoreAllMocks());
    const fail = () => {
      throw make();
    };
    const on = { "*": () => undefined };
    expect((await createReceiver({ secret, now: fail, on }).receive(delivery())).status).toBe(500);
    const request = Object.defineProperty({ body: "" }, "headers", { get: fail }) as never;
    expect((await createReceiver({ secret, now, on }).receive(request)).status).toBe(500);
  });
});

describe("a handler that never settles", () => {
  it("releases the delivery and memory of a hung handler and reports it, but keeps it in flight", async () => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
    });
    onTestFinished(() => void vi.useRealTimers());
    const gate = deferred();
    const handler = vi.fn().mockImplementationOnce(() => gate.promise);
    const body = JSON.stringify({
      type: "message.routing",
      timestamp: "",
      data: { text: "x".repeat(900_000) },
    });
    // Room for one body of that size: 2 times its bytes in 7/8 of the budget.
    const limits = { maxBodyBytes: 1_000_000, maxInFlightBytes: 2_500_000 };
    const { options, outcomes } = recording({ "*": handler }, { ...limits, inFlightWaitSeconds: 0 });
    const receiver = createReceiver(options);
    const pending = receiver.receive(delivery(body, "msg_hung"));
    await vi.advanceTimersByTimeAsync(4500);
    expect(codeOf(await pending)).toBe("deadline_exceeded");
    expect(codeOf(await receiver.receive(delivery(body, "msg_2")))).toBe("overloaded");

    await vi.advanceTimersByTimeAsync(600_000);
    expect(outcomes.at(-1)).toMatchObject({ code: "deadline_exceeded", late: true, deliveryId: "msg_hung" });
    expect((await receiver.receive(delivery(body, "msg_2"))).status).toBe(204);
    // The lease is no longer renewed.
    await vi.advanceTimersByTimeAsync(15_000);
    expect((await receiver.receive(delivery(body, "msg_hung"))).status).toBe(204);

    let isClosed = false;
    const closed = receiver.close({ timeoutSeconds: Infinity }).then(() => (isClosed = true));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(isClosed).toBe(false);
    gate.resolve();
    await closed;
    expect(outcomes.at(-1)).toMatchObject({ code: "handled", late: true, deliveryId: "msg_hung" });
  });
});

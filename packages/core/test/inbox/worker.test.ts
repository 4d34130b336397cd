import { afterEach, describe, expect, it, vi } from "vitest";

import {
  type Inbox,
  type InboxAttempt,
  type Outcome,
  PermanentError,
  type RunDelivery,
  type StoredDelivery,
  createWorker,
  isWebhookError,
  logOutcomes,
} from "../../src/index.js";
import { bounced } from "../helpers.js";

afterEach(() => vi.useRealTimers());

const stored: StoredDelivery = {
  endpoint: "acme",
  deliveryId: "msg_1",
  type: "message.bounced",
  sentAt: new Date(1_784_041_401_000),
  rawBody: new TextEncoder().encode(bounced),
};

/** An inbox whose deliveries a test hands out itself. */
function createInbox() {
  let run: RunDelivery | undefined;
  const log: string[] = [];
  const inbox = {
    retentionSeconds: 86_400,
    accept: async () => "accepted",
    work: (given: RunDelivery) => {
      run = given;
      return {
        close: async ({ timeoutSeconds }: { timeoutSeconds: number }) =>
          void log.push(`work closed in ${timeoutSeconds} s`),
      };
    },
    close: () => void log.push("inbox closed"),
  } as unknown as Inbox;
  const handOut = (delivery: Partial<StoredDelivery> = {}, attempt: Partial<InboxAttempt> = {}) => {
    const closing = new AbortController().signal;
    return run!(
      { ...stored, ...delivery },
      { attempt: 1, maxAttempts: 3, timeoutMs: 1000, closing, ...attempt },
    );
  };
  return { inbox, handOut, log };
}

function createWorkerUnderTest(handler: (event: unknown, context: { signal: AbortSignal }) => unknown) {
  const { inbox, handOut, log } = createInbox();
  const outcomes: Outcome[] = [];
  const worker = createWorker({
    store: inbox,
    on: { "message.bounced": handler },
    onOutcome: (outcome) => void outcomes.push(outcome),
  });
  return { worker, handOut, outcomes, log };
}

describe("an attempt of a worker", () => {
  it("gives the handler the event and the facts of its delivery", async () => {
    const handler = vi.fn();
    const { handOut } = createWorkerUnderTest(handler);
    await handOut({}, { attempt: 2, extras: { client: "client" } });
    const { deliveryId, sentAt, rawBody } = stored;
    expect(handler).toHaveBeenCalledWith(expect.objectContaining({ type: "message.bounced" }), {
      client: "client",
      deliveryId,
      sentAt,
      rawBody,
      native: undefined,
      attempt: 2,
      signal: expect.any(AbortSignal) as AbortSignal,
    });
  });

  it("reports its outcome when the verdict has been written, not before", async () => {
    const { handOut, outcomes } = createWorkerUnderTest(() => undefined);
    const verdict = await handOut();
    expect([verdict.state, outcomes]).toEqual(["handled", []]);
    verdict.report();
    expect(outcomes).toMatchObject([
      { kind: "handled", endpoint: "acme", deliveryId: "msg_1", type: "message.bounced", attempt: 1 },
    ]);
  });

  it("is logged without a status, because nobody gets a reply", async () => {
    const { handOut, outcomes } = createWorkerUnderTest(() => {
      throw new Error("no database");
    });
    (await handOut()).report();
    const error = vi.fn();
    logOutcomes({ warn: error, error })(outcomes[0]!);
    expect(error).toHaveBeenCalledWith(
      expect.stringMatching(/^\[ahasend-webhooks\] failed \(message\.bounced msg_1\): Attempt 1 /),
    );
  });

  it("reports that the verdict could not be written", async () => {
    const { handOut, outcomes } = createWorkerUnderTest(() => undefined);
    (await handOut()).report(new Error("connection lost"));
    expect(outcomes).toMatchObject([{ kind: "handled", storeError: { code: "store_unavailable" } }]);
  });

  it.each<[string, unknown, number, "failed" | "dead"]>([
    ["an error", new Error("x"), 1, "failed"],
    ["an error in the last attempt", new Error("x"), 3, "dead"],
    ["a PermanentError", new PermanentError("x"), 1, "dead"],
    [
      "an error with the name PermanentError",
      Object.assign(new Error("x"), { name: "PermanentError" }),
      1,
      "dead",
    ],
    [
      "an instance of a subclass with another name",
      Object.assign(new (class CustomerGone extends PermanentError {})("x"), { name: "CustomerGone" }),
      1,
      "dead",
    ],
    ["a plain object with that name", { name: "PermanentError" }, 1, "dead"],
    [
      "several errors, all permanent",
      new AggregateError([new PermanentError("x"), new PermanentError("y")]),
      1,
      "dead",
    ],
    [
      "several errors, not all permanent",
      new AggregateError([new PermanentError("x"), new Error("y")]),
      1,
      "failed",
    ],
    ["several errors, none of them there", new AggregateError([]), 1, "failed"],
    ["undefined", undefined, 1, "failed"],
    ["a string", "PermanentError", 1, "failed"],
  ])("that throws %s in attempt %i", async (_what, thrown, attempt, state) => {
    const { handOut, outcomes } = createWorkerUnderTest(() => {
      throw thrown;
    });
    const verdict = await handOut({}, { attempt });
    verdict.report();
    expect([verdict.state, outcomes[0]?.kind]).toEqual([state, state]);
    expect(outcomes[0]).toMatchObject({
      code: state,
      status: 204,
      error: { code: "handler_failed", cause: thrown },
    });
  });

  it.each([
    ["bytes that are not JSON", "{"],
    ["an event that is not an object", "[]"],
    ["an event of a known type without data", '{"type":"message.bounced"}'],
  ])("on %s makes a dead letter at once: they never will be an event", async (_what, text) => {
    const { handOut } = createWorkerUnderTest(() => undefined);
    expect((await handOut({ rawBody: new TextEncoder().encode(text) })).state).toBe("dead");
  });

  it("on a type without a handler fails: a newer receiver accepted it, and a newer worker will know it", async () => {
    const { handOut } = createWorkerUnderTest(() => undefined);
    const rawBody = new TextEncoder().encode('{"type":"message.opened","data":{}}');
    const verdict = await handOut({ type: "message.opened", rawBody });
    expect(verdict.state).toBe("failed");
    expect(isWebhookError(verdict.error) && verdict.error.message).toMatch(/no handler for the type: deploy/);
  });

  it("fails after its timeout, fires the signal, and a late failure harms nobody", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let fail: (error: Error) => void = () => undefined;
    let signal: AbortSignal | undefined;
    const { handOut } = createWorkerUnderTest((_event, context) => {
      signal = context.signal;
      return new Promise((_resolve, reject) => (fail = reject));
    });
    const attempt = handOut();
    await vi.advanceTimersByTimeAsync(1000);
    const verdict = await attempt;
    expect([verdict.state, signal?.aborted]).toEqual(["failed", true]);
    expect(verdict.error).toMatchObject({ code: "deadline_exceeded" });
    fail(new Error("too late"));
  });

  it("fires the signal when the worker closes, and waits for the handler", async () => {
    const closing = new AbortController();
    const { handOut } = createWorkerUnderTest(
      (_event, { signal }) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true })),
    );
    const attempt = handOut({}, { closing: closing.signal });
    closing.abort(new Error("closing"));
    expect((await attempt).state).toBe("handled");
  });
});

describe("a worker", () => {
  it("closes the inbox once when its work has ended, which a second call may hurry", async () => {
    const { worker, log } = createWorkerUnderTest(() => undefined);
    await Promise.all([worker.close(), worker.close(), worker.close({ timeoutSeconds: 0 })]);
    expect(log).toEqual(["work closed in 10 s", "work closed in 0 s", "inbox closed"]);
  });

  it.each<[string, object | null, RegExp]>([
    ["without handlers", { store: createInbox().inbox }, /on is missing/],
    [
      "with a misspelt type",
      { store: createInbox().inbox, on: { "message.bounce": () => undefined } },
      /did you mean "message.bounced"/,
    ],
    ["without an inbox", { on: {} }, /not an inbox: pass/],
    ["without options", null, /The options must be an object/],
    [
      "with an option of the inbox",
      { store: createInbox().inbox, on: {}, concurrency: 4 },
      /concurrency is not an option/,
    ],
    ["with a store of another kind", { on: {}, store: { claim: () => undefined } }, /not an inbox: pass/],
    [
      "with a logger as the listener",
      { on: {}, store: createInbox().inbox, onOutcome: console },
      /logOutcomes\(logger\)/,
    ],
  ])("refuses to start %s", (_what, options, message) => {
    const start = () => createWorker(options as Parameters<typeof createWorker>[0]);
    expect(start).toThrow(TypeError);
    expect(start).toThrow(message);
  });

  it("refuses a timeout that no timer can run", async () => {
    const { worker } = createWorkerUnderTest(() => undefined);
    await expect(worker.close({ timeoutSeconds: -1 })).rejects.toThrow(TypeError);
  });
});

describe("the log of a worker", () => {
  it("distinguishes a failed attempt from a dead letter, and contains the fix", async () => {
    const log = { warn: vi.fn(), error: vi.fn() };
    const { inbox, handOut } = createInbox();
    createWorker({
      store: inbox,
      on: {
        "message.bounced": () => {
          throw new Error("out of order");
        },
      },
      onOutcome: logOutcomes(log),
    });
    (await handOut()).report();
    (await handOut({}, { attempt: 3 })).report();
    const entries = log.error.mock.calls.map(([entry]) => String(entry));
    expect(entries[0]).toMatch(
      /failed \(message\.bounced msg_1\): Attempt 1 of the handler threw: the inbox will repeat it\.\n {2}caused by: Error: out of order/,
    );
    expect(entries[1]).toMatch(
      /dead \(message\.bounced msg_1\): The handler threw in attempt 3, and the delivery is a dead letter now: fix the handler, then replay it\./,
    );
    expect(entries.join("")).not.toContain("gone@example.com");
  });
});

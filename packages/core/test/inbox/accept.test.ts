import { afterEach, describe, expect, it, vi } from "vitest";

import {
  type Inbox,
  type InboxWork,
  MemoryStore,
  type RunDelivery,
  type StoredDelivery,
  createReceiver,
  isMessageEvent,
} from "../../src/index.js";
import { bounced, codeOf, delivery, now, secret } from "../helpers.js";

afterEach(() => vi.useRealTimers());

/** An inbox that keeps what it is given, and whose worker does nothing. */
function createInbox(overrides: Partial<Inbox> = {}) {
  const kept: StoredDelivery[] = [];
  const log: string[] = [];
  const inbox: Inbox = {
    retentionSeconds: 86_400,
    accept: async (one) => {
      kept.push(one);
      return "accepted";
    },
    work: (_run: RunDelivery): InboxWork => {
      log.push("work");
      return { close: async ({ timeoutSeconds }) => void log.push(`work closed within ${timeoutSeconds} s`) };
    },
    stats: async () => ({ waiting: 0, active: 0, deadLetters: 0, oldestSeconds: undefined }),
    deadLetters: {
      list: async () => [],
      inspect: async () => undefined,
      replay: async () => 0,
      discard: async () => 0,
    },
    close: () => void log.push("inbox closed"),
    ...overrides,
  };
  return { inbox, kept, log };
}

async function receiveWith(inbox: Inbox, request = delivery(), more: { work?: boolean } = {}) {
  const handled = vi.fn();
  const onOutcome = vi.fn();
  const on = { "message.bounced": handled };
  const receiver = createReceiver({ secret, now, on, store: inbox, onOutcome, ...more });
  return { reply: await receiver.receive(request), receiver, handled, onOutcome };
}

describe("a receiver with an inbox", () => {
  it("acknowledges a delivery when the inbox has kept it, and runs no handler", async () => {
    const { inbox, kept } = createInbox();
    const { reply, handled, onOutcome } = await receiveWith(inbox);
    expect(reply.status).toBe(204);
    expect(handled).not.toHaveBeenCalled();
    expect(kept).toEqual([
      {
        endpoint: "default",
        deliveryId: "msg_1",
        type: "message.bounced",
        sentAt: new Date(now()),
        rawBody: Buffer.from(bounced),
        orderingKey: undefined,
      },
    ]);
    expect(onOutcome).toHaveBeenCalledWith(expect.objectContaining({ kind: "accepted", status: 204 }));
  });

  it("does not reply before the inbox has answered", async () => {
    let keep: (answer: "accepted") => void = () => undefined;
    const { inbox } = createInbox({ accept: () => new Promise((resolve) => (keep = resolve)) });
    let reply: unknown;
    const replied = receiveWith(inbox).then((result) => (reply = result.reply));
    await vi.waitFor(() => expect(keep).not.toHaveLength(0));
    expect(reply).toBeUndefined();
    keep("accepted");
    await replied;
    expect(reply).toMatchObject({ status: 204 });
  });

  it("acknowledges a duplicate", async () => {
    const { inbox } = createInbox({ accept: async () => "duplicate" });
    const { reply, onOutcome } = await receiveWith(inbox);
    expect(reply.status).toBe(204);
    expect(onOutcome).toHaveBeenCalledWith(expect.objectContaining({ kind: "duplicate" }));
  });

  it("keeps no event without a handler", async () => {
    const { inbox, kept } = createInbox();
    const opened = JSON.stringify({ type: "message.opened", timestamp: "", data: {} });
    const { reply, onOutcome } = await receiveWith(inbox, delivery(opened));
    expect(reply.status).toBe(204);
    expect(kept).toEqual([]);
    expect(onOutcome).toHaveBeenCalledWith(expect.objectContaining({ kind: "ignored" }));
  });

  it("keeps nothing that is not authentic", async () => {
    const { inbox, kept } = createInbox();
    const { headers } = delivery();
    const { reply } = await receiveWith(inbox, { headers, body: bounced.replace("gone", "Gone") });
    expect(reply.status).toBe(401);
    expect(kept).toEqual([]);
  });

  it("keeps deliveries of a tenant under the endpoint of the tenant", async () => {
    const { inbox, kept } = createInbox();
    const receiver = createReceiver({
      secret: () => ({ secret, endpoint: "acme" }),
      now,
      on: { "*": () => undefined },
      store: inbox,
    });
    await receiver.receive(delivery());
    expect(kept.map(({ endpoint }) => endpoint)).toEqual(["acme"]);
  });

  it("passes the ordering key on", async () => {
    const { inbox, kept } = createInbox({
      orderingKey: (event) => (isMessageEvent(event) ? event.data.recipient : undefined),
    });
    await receiveWith(inbox);
    expect(kept.map(({ orderingKey }) => orderingKey)).toEqual(["gone@example.com"]);
  });

  it.each<[string, Partial<Inbox>]>([
    ["rejects", { accept: () => Promise.reject(new Error("disk full")) }],
    [
      "throws",
      {
        accept: () => {
          throw new Error("disk full");
        },
      },
    ],
    ["answers with something else", { accept: async () => "ok" as "accepted" }],
    ["answers with nothing", { accept: async () => undefined as unknown as "accepted" }],
    [
      "has an ordering key that throws",
      {
        orderingKey: () => {
          throw new Error("no recipient");
        },
      },
    ],
    ["has an ordering key that is a number", { orderingKey: () => 1 as unknown as string }],
  ])("refuses with 503 if the inbox %s", async (_what, overrides) => {
    const { inbox } = createInbox(overrides);
    const { reply, onOutcome } = await receiveWith(inbox);
    expect([reply.status, codeOf(reply), reply.headers["retry-after"]]).toEqual([
      503,
      "inbox_unavailable",
      "5",
    ]);
    expect(onOutcome).toHaveBeenCalledWith(expect.objectContaining({ code: "inbox_unavailable" }));
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no recipient");
      },
    ],
    ["is a number", () => 1],
    ["rejects", () => Promise.reject(new Error("no recipient"))],
  ])("names the option if an ordering key %s, and survives it", async (_what, orderingKey) => {
    const { inbox, kept } = createInbox({ orderingKey: orderingKey as () => string });
    const { onOutcome } = await receiveWith(inbox);
    const message: unknown = expect.stringMatching(/^The option orderingKey of the inbox failed/);
    expect(onOutcome.mock.calls).toMatchObject([[{ error: { message } }]]);
    // Node.js reports a rejection that nobody handles after a turn, and the test fails.
    await new Promise((resolve) => setImmediate(resolve));
    expect(kept).toEqual([]);
  });

  it("takes null for no ordering key", async () => {
    const { inbox, kept } = createInbox({ orderingKey: () => null as unknown as undefined });
    await receiveWith(inbox);
    expect(kept).toMatchObject([{ orderingKey: undefined }]);
  });

  it("refuses with 503 if the inbox has not answered after 3 seconds, and the late answer harms nobody", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    let fail: (error: Error) => void = () => undefined;
    const { inbox } = createInbox({ accept: () => new Promise((_resolve, reject) => (fail = reject)) });
    const received = receiveWith(inbox);
    await vi.advanceTimersByTimeAsync(2999);
    await vi.advanceTimersByTimeAsync(1);
    const { reply } = await received;
    expect([reply.status, codeOf(reply)]).toEqual([503, "inbox_unavailable"]);
    fail(new Error("too late"));
  });
});

describe("the work on an inbox", () => {
  it("starts with the receiver and ends with it, before the inbox is closed", async () => {
    const { inbox, log } = createInbox();
    const { receiver } = await receiveWith(inbox);
    await receiver.close({ timeoutSeconds: 7 });
    expect(log).toEqual(["work", "work closed within 7 s", "inbox closed"]);
  });

  it("is left to others with work: false", async () => {
    const { inbox, log } = createInbox();
    const { receiver, reply } = await receiveWith(inbox, delivery(), { work: false });
    expect(reply.status).toBe(204);
    await receiver.close();
    expect(log).toEqual(["inbox closed"]);
  });
});

describe("options of a receiver with an inbox", () => {
  const on = { "*": () => undefined };
  const { inbox } = createInbox();

  it.each<[string, () => unknown, RegExp]>([
    [
      "work: false without an inbox",
      () => createReceiver({ secret, on, store: new MemoryStore(), work: false }),
      /needs an inbox/,
    ],
    [
      "work that is a string",
      () => createReceiver({ secret, on, store: inbox, work: "no" as unknown as boolean }),
      /work must be/,
    ],
    [
      "onStoreError: process",
      () => createReceiver({ secret, on, store: inbox, onStoreError: "process" }),
      /Leave it out/,
    ],
    [
      "an inbox that forgets too early",
      () => createReceiver({ secret, on, store: { ...inbox, retentionSeconds: 60 } }),
      /13 hours/,
    ],
    [
      "a body larger than the inbox can keep",
      () => createReceiver({ secret, on, store: { ...inbox, maxBodyBytes: 1_000_000 } }),
      /keeps at most 1000000 bytes: set maxBodyBytes/,
    ],
  ])("refuse %s", (_what, create, message) => {
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it("take a limit that the inbox can keep", () => {
    createReceiver({ secret, on, store: { ...inbox, maxBodyBytes: 1_000_000 }, maxBodyBytes: 1_000_000 });
  });
});

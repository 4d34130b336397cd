import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AcceptQueue } from "../../src/inbox/index.js";

// The clock alone, so that a busy machine does not make a batch look stuck.
beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const toIds = (count: number) => Array.from({ length: count }, (_, index) => `delivery ${index}`);

/** Creates a queue whose batches end when they are called to. */
function createQueue() {
  const batches: { ids: string[]; end: () => void }[] = [];
  const queue = new AcceptQueue({
    isAboutData: () => false,
    write: (deliveries) =>
      new Promise((resolve) => {
        const ids = deliveries.map(({ deliveryId }) => deliveryId);
        batches.push({ ids, end: () => resolve(deliveries.map(() => true)) });
      }),
  });
  const accept = (deliveryId: string) =>
    queue.accept({
      endpoint: "default",
      deliveryId,
      type: "message.opened",
      sentAt: new Date(0),
      rawBody: Buffer.from("{}"),
      orderingKey: undefined,
    });
  /** Waits for a turn, and for what was scheduled in it. */
  const turn = async () => {
    for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { accept, batches, turn, sizes: () => batches.map(({ ids }) => ids.length) };
}

describe("the queue in front of an inbox", () => {
  it("writes few deliveries after the batch before them, and many beside it", async () => {
    const { accept, batches, turn, sizes } = createQueue();
    const answers = [accept("first")];
    await turn();
    answers.push(...toIds(15).map(accept));
    await turn();
    expect(sizes()).toEqual([1]);
    answers.push(accept("one more"));
    await turn();
    expect(sizes()).toEqual([1, 16]);
    answers.push(accept("after both"));
    batches[0]?.end();
    await turn();
    expect(sizes()).toEqual([1, 16]);
    batches[1]?.end();
    await turn();
    expect(sizes()).toEqual([1, 16, 1]);
    batches[2]?.end();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["accepted"]));
  });

  it("writes few deliveries beside a batch that is stuck", async () => {
    const { accept, batches, turn } = createQueue();
    void accept("stuck");
    await turn();
    const answers = [accept("a")];
    await turn();
    expect(batches).toHaveLength(1);
    vi.advanceTimersByTime(101);
    answers.push(accept("b"));
    await turn();
    expect(batches[1]?.ids).toEqual(["a", "b"]);
    batches[1]?.end();
    expect(await Promise.all(answers)).toEqual(["accepted", "accepted"]);
  });
});

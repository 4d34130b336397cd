import fc from "fast-check";
import { expect, it } from "vitest";

import { Batcher } from "../../src/leases/batcher.js";

interface Call {
  key: string;
  id: number;
}

/** A batch whose statement runs. */
interface Batch {
  calls: readonly Call[];
  resolve: (results: ReadonlyMap<string, string>) => void;
  reject: (error: unknown) => void;
}

type Outcome = "all" | "every other one" | "data error" | "outage";

/** A batcher whose statements end when the test ends them. */
function createSubject() {
  const batches = new Set<Batch>();
  const batcher = new Batcher<Call, string>({
    runAll: (calls) =>
      new Promise((resolve, reject) => {
        batches.add({ calls, resolve, reject });
      }),
    runOne: ({ id }) => Promise.resolve(`${id} alone`),
  });
  return { batches, batcher };
}

function end(batches: Set<Batch>, batch: Batch, outcome: Outcome): void {
  const { calls, resolve, reject } = batch;
  batches.delete(batch);
  if (outcome === "outage") return reject(new Error("outage"));
  if (outcome === "data error") return reject(Object.assign(new Error("data error"), { code: "22021" }));
  const served = outcome === "all" ? calls : calls.filter((_, index) => index % 2 === 0);
  resolve(new Map(served.map(({ key, id }) => [key, `${id} in a batch`])));
}

/** Returns what a call of a batch must resolve to, or the message of its error. */
function predict({ calls }: Batch, { id }: Call, outcome: Outcome): string {
  const index = calls.findIndex((call) => call.id === id);
  if (outcome === "outage" || (outcome === "data error" && calls.length === 1)) return outcome;
  const isServed = outcome === "all" || (outcome === "every other one" && index % 2 === 0);
  return isServed ? `${id} in a batch` : `${id} alone`;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

type Step = { call: string } | { end: number; outcome: Outcome };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom("a", "b", "c", "d", "e", "f", "g") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      end: fc.nat(1),
      outcome: fc.constantFrom<Outcome>("all", "every other one", "data error", "outage"),
    }),
  },
);

it("serves each call once, in two batches at a time, whatever comes and whatever fails", async () => {
  const property = fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 })), async (turns) => {
    const { batches, batcher } = createSubject();
    const expected: string[] = [];
    const actual: string[] = [];
    /** The calls that are neither served nor failed, in the order in which they came. */
    const open: Call[] = [];
    let calls = 0;
    const endBatch = (batch: Batch, outcome: Outcome) => {
      for (const call of batch.calls) {
        expected[call.id] = predict(batch, call, outcome);
        open.splice(open.indexOf(call), 1);
      }
      end(batches, batch, outcome);
    };
    const run = async (call: Call) => {
      const message = (error: Error) => error.message;
      actual[call.id] = await batcher.run(call).catch(message);
    };
    for (const steps of [...turns, []]) {
      for (const each of steps) {
        if ("end" in each) {
          const batch = [...batches][each.end];
          if (batch !== undefined) endBatch(batch, each.outcome);
          // The batch frees its keys some microtasks later.
          await turn();
          continue;
        }
        const call = { key: each.call, id: calls };
        calls += 1;
        if (open.some(({ key }) => key === call.key)) expected[call.id] = `${call.id} alone`;
        else open.push(call);
        void run(call);
      }
      await turn();
      const out = [...batches].flatMap((batch) => batch.calls);
      expect(batches.size).toBeLessThanOrEqual(2);
      // None waits while a lane is free, and none overtakes another.
      expect(out).toEqual(batches.size < 2 ? open : open.slice(0, out.length));
    }
    while (batches.size > 0) {
      for (const batch of batches) endBatch(batch, "all");
      await turn();
    }
    expect(actual).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 300 });
});

it("sends a call at once, and at most 100 in a batch", async () => {
  const { batches, batcher } = createSubject();
  const run = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => batcher.run({ key: `${from + index}`, id: from + index }));
  const sizes = () => [...batches].map(({ calls }) => calls.length);
  const running = run(1);
  await Promise.resolve();
  expect(sizes()).toEqual([1]);
  running.push(...run(250, 1));
  await Promise.resolve();
  expect(sizes()).toEqual([1, 100]);
  for (const next of [[100, 100], [100, 50], [50], []]) {
    end(batches, [...batches][0]!, "all");
    await turn();
    expect(sizes()).toEqual(next);
  }
  expect(await Promise.all(running)).toEqual(running.map((_, id) => `${id} in a batch`));
});

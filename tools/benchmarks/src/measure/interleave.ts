import { collectGarbage } from "./collect-garbage.js";
import { pairwiseRatio } from "./statistics.js";

/** One of several ways to do the same thing. */
export interface Candidate {
  name: string;
  /** Does it once. If it returns a promise, the next call waits for it. */
  run: () => unknown;
  /** The number of operations in one `run`. @default 1 */
  callsPerRun?: number;
  /** Called before each slot, outside the measured time, with the number of calls in it. */
  prepare?: (calls: number) => void;
}

/** The extent of a run. */
export interface Plan {
  /** Measure only the smaller cases. */
  quick: boolean;
  /** The number of slots of each candidate. */
  cycles: number;
  /** The length of a slot, which has at least one call. */
  slotMs: number;
  /** The number of rounds of each server. */
  rounds: number;
  /** The length of a round. */
  roundMs: number;
}

/** The measurements of one candidate. */
export interface Series {
  name: string;
  /** Microseconds per call, one value per cycle. */
  micros: number[];
  /** Microseconds of CPU of this process per call, one value per cycle. */
  cpuMicros: number[];
}

/** Warm-up, in slots: long enough for the optimizing compiler, which runs on another thread. */
const WARM_UP_SLOTS = 20;

/**
 * Measures candidates in turn (A B C A B C …), so that a temporary slowdown of the machine affects all of them.
 *
 * @returns a series per candidate, in the same order
 */
export async function interleave(
  candidates: readonly Candidate[],
  plan: Pick<Plan, "cycles" | "slotMs">,
): Promise<Series[]> {
  const turns = [];
  for (const candidate of candidates) {
    const calls = await warmUp(candidate, plan.slotMs);
    turns.push({ candidate, calls, series: { name: candidate.name, micros: [], cpuMicros: [] } as Series });
  }
  for (let cycle = 0; cycle < plan.cycles; cycle += 1) {
    for (const { candidate, calls, series } of turns) {
      const operations = calls * (candidate.callsPerRun ?? 1);
      const { micros, cpuMicros } = await measureSlot(candidate, calls);
      series.micros.push(micros / operations);
      series.cpuMicros.push(cpuMicros / operations);
    }
  }
  return turns.map(({ series }) => series);
}

/** Returns a function that calls several in turn, so that no call is fast because it repeats the previous one. */
export function inTurn(runs: readonly (() => unknown)[]): () => unknown {
  let next = 0;
  return () => {
    const run = runs[next];
    next = (next + 1) % runs.length;
    return run?.();
  };
}

/** Returns how many times as long `other` took as `one`. */
export function computeRatio(
  series: readonly Pick<Series, "name" | "micros">[],
  one: string,
  other: string,
): number {
  const findMicros = (name: string) => series.find((each) => each.name === name)?.micros ?? [];
  return pairwiseRatio(findMicros(other), findMicros(one));
}

/** Warms up a candidate. @returns the number of calls that fill a slot */
async function warmUp(candidate: Candidate, slotMs: number): Promise<number> {
  let calls = 1;
  let spentMicros = 0;
  do {
    const { micros } = await measureSlot(candidate, calls);
    spentMicros += micros;
    calls = Math.max(1, Math.round(Math.min(calls * 10, (calls * slotMs * 1000) / micros)));
  } while (spentMicros < WARM_UP_SLOTS * slotMs * 1000);
  return calls;
}

/** Measures calls. @returns their time and that of the CPU in microseconds */
async function measureSlot(
  { run, prepare, callsPerRun = 1 }: Candidate,
  calls: number,
): Promise<{ micros: number; cpuMicros: number }> {
  prepare?.(calls);
  // Large bodies leave much garbage: no call may pay for that of the previous one.
  if (calls === 1 && callsPerRun === 1) collectGarbage();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const first = run();
  // Awaiting a value that is not a promise would add a turn of the microtask queue.
  if (first instanceof Promise) {
    await first;
    for (let call = 1; call < calls; call += 1) await run();
  } else {
    for (let call = 1; call < calls; call += 1) void run();
  }
  const micros = (performance.now() - startedAt) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { micros, cpuMicros: user + system };
}

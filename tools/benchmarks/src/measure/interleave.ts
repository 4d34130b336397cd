import { collectGarbage } from "./collect-garbage.js";
import { pairwiseRatio } from "./statistics.js";

/** One way to do the same thing. */
export interface Candidate {
  name: string;
  /** Does it once. Where it returns a promise, that is awaited before the next call. */
  run: () => unknown;
  /** How many times `run` does it. @default 1 */
  callsPerRun?: number;
  /** Called outside the measured time, before each slot, with the number of calls to come. */
  prepare?: (calls: number) => void;
}

/** How long to measure. */
export interface Plan {
  /** A rough slice: the smaller cases only. */
  quick: boolean;
  /** How often each candidate has its turn. */
  cycles: number;
  /** How long one turn is; at least one call is made. */
  slotMs: number;
  /** The same where servers are involved. */
  rounds: number;
  roundMs: number;
}

/** What was measured of one candidate. */
export interface Series {
  name: string;
  /** Microseconds per call, one value per cycle. */
  micros: number[];
}

/** Warm-up, in slots: long enough for the optimising compiler, which works beside us. */
const WARM_UP_SLOTS = 20;

/**
 * Measures candidates in turn (A B C A B C …), so that a machine that is slow for a while is slow for all of them.
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
    turns.push({ candidate, calls, series: { name: candidate.name, micros: [] as number[] } });
  }
  for (let cycle = 0; cycle < plan.cycles; cycle += 1) {
    for (const { candidate, calls, series } of turns) {
      series.micros.push((await slot(candidate, calls)) / calls / (candidate.callsPerRun ?? 1));
    }
  }
  return turns.map(({ series }) => series);
}

/** Calls one of several in turn, so that nothing is fast because the same was seen just before. */
export function inTurn(runs: readonly (() => unknown)[]): () => unknown {
  let next = 0;
  return () => {
    const run = runs[next];
    next = (next + 1) % runs.length;
    return run?.();
  };
}

/** How many times as long `other` took as `one`. */
export function computeRatio(series: readonly Series[], one: string, other: string): number {
  const of = (name: string) => series.find((each) => each.name === name)?.micros ?? [];
  return pairwiseRatio(of(other), of(one));
}

/** @returns how many calls fill a slot */
async function warmUp(candidate: Candidate, slotMs: number): Promise<number> {
  let calls = 1;
  let spentMicros = 0;
  do {
    const micros = await slot(candidate, calls);
    spentMicros += micros;
    calls = Math.max(1, Math.round(Math.min(calls * 10, (calls * slotMs * 1000) / micros)));
  } while (spentMicros < WARM_UP_SLOTS * slotMs * 1000);
  return calls;
}

/** @returns how many microseconds so many calls take */
async function slot({ run, prepare }: Candidate, calls: number): Promise<number> {
  prepare?.(calls);
  // Large bodies leave much garbage: nobody pays for that of the one before.
  if (calls === 1) collectGarbage();
  const startedAt = performance.now();
  const first = run();
  // Awaiting what is no promise would add a turn of the microtask queue.
  if (first instanceof Promise) {
    await first;
    for (let call = 1; call < calls; call += 1) await run();
  } else {
    for (let call = 1; call < calls; call += 1) void run();
  }
  return (performance.now() - startedAt) * 1000;
}

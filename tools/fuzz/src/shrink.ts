import { joinSteps } from "./noise/piece.js";
import type { Script, Step } from "./script.js";

/** Returns whether a script still fails. */
export type Fails = (script: Script) => Promise<boolean>;

/** Limits of the replays that make a failing script smaller. */
const MOST_REPLAYS = 60;
const MOST_MS = 60_000;

/** Removes conversations, cuts, and steps, as long as the script still fails. */
export async function shrink(script: Script, fails: Fails): Promise<Script> {
  const endAt = performance.now() + MOST_MS;
  let replays = 0;
  const tries: Fails = async (candidate) =>
    (replays += 1) <= MOST_REPLAYS && performance.now() < endAt && fails(candidate);
  let smallest: Script = {
    ...script,
    conversations: await shrinkList(script.conversations, (conversations) =>
      tries({ ...script, conversations }),
    ),
  };
  for (const [index, one] of smallest.conversations.entries()) {
    const withSteps = (steps: Step[]): Script => ({
      ...smallest,
      conversations: smallest.conversations.toSpliced(index, 1, { ...one, steps }),
    });
    const joined = joinSteps(one.steps);
    if (await tries(withSteps(joined))) smallest = withSteps(joined);
    // A request that lacks bytes is not orderly.
    if (one.manner !== "wild") continue;
    const steps = smallest.conversations[index]?.steps ?? [];
    smallest = withSteps(await shrinkList(steps, (fewer) => tries(withSteps(fewer))));
  }
  return smallest;
}

/** Removes halves, then quarters, then single items. */
async function shrinkList<Item>(
  items: readonly Item[],
  fails: (fewer: Item[]) => Promise<boolean>,
): Promise<Item[]> {
  let kept = [...items];
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length && kept.length > 1;) {
      const fewer = kept.toSpliced(start, size);
      if (fewer.length > 0 && (await fails(fewer))) kept = fewer;
      else start += size;
    }
  }
  return kept;
}

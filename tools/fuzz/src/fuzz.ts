import { keepCase } from "./cases.js";
import { generate } from "./noise/generate.js";
import type { Violation } from "./judge.js";
import { play } from "./play.js";
import type { Script } from "./script.js";
import type { TargetName } from "./servers/index.js";
import { shrink } from "./shrink.js";
import { Target } from "./target.js";

/** Options of {@link fuzz}. */
export interface FuzzOptions {
  /** Round `n` plays the script of seed + n. */
  seed: number;
  seconds: number;
  /** The built `server.js`. */
  program: string;
  /** The folder for failing scripts. */
  folder: string;
  log: (line: string) => void;
}

/** The result for one server. */
export interface FuzzResult {
  rounds: number;
  conversations: number;
  /** The number of broken promises. */
  broken: number;
}

/** Plays scripts on a server, one after the other; shrinks and keeps the first one that breaks each promise. */
export async function fuzz(name: TargetName, options: FuzzOptions): Promise<FuzzResult> {
  const { seed, seconds, program, log } = options;
  const target = new Target(name, program);
  const endAt = performance.now() + seconds * 1000;
  const broken = new Set<string>();
  let [rounds, conversations] = [0, 0];
  try {
    for (; performance.now() < endAt; rounds += 1) {
      const script = generate(seed + rounds);
      conversations += script.conversations.length;
      for (const violation of await play(target, script)) {
        if (broken.has(violation.promise)) continue;
        broken.add(violation.promise);
        log(
          `${name}: ${violation.promise}: ${violation.detail}\n  replay: --seed ${seed + rounds} --only ${name}`,
        );
        log(
          `  kept in ${await keepSmallest(target, { script, seed: seed + rounds, violation }, options.folder)}`,
        );
      }
    }
  } finally {
    await target.stop();
  }
  return { rounds, conversations, broken: broken.size };
}

interface Finding {
  script: Script;
  seed: number;
  violation: Violation;
}

async function keepSmallest(
  target: Target,
  { script, seed, violation }: Finding,
  folder: string,
): Promise<string> {
  const smallest = await shrink(script, async (candidate) =>
    (await play(target, candidate)).some(({ promise }) => promise === violation.promise),
  );
  return keepCase(folder, { ...violation, target: target.name, seed, script: smallest });
}

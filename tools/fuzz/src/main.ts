import { fileURLToPath } from "node:url";

import { fuzz } from "./fuzz.js";
import { type Options, parseOptions, usage } from "./options.js";

/** The number of servers that are fuzzed at once: more would slow the clients of a small machine beyond the timeouts. */
const LANES = 3;

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await fuzzAll(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function fuzzAll({ seconds, seed, targets }: Options): Promise<void> {
  console.log(`seed ${seed}`);
  const program = fileURLToPath(new URL("server.js", import.meta.url));
  const folder = fileURLToPath(new URL("../cases", import.meta.url));
  const share = seconds / Math.ceil(targets.length / LANES);
  const queue = [...targets];
  let isBroken = false;
  const lane = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const options = { seed, seconds: share, program, folder, log: (line: string) => console.log(line) };
      const { rounds, conversations, broken } = await fuzz(name, options);
      console.log(`${name}: ${rounds} rounds, ${conversations} connections, ${broken} promises broken`);
      if (rounds === 0)
        throw new Error("--seconds is too short for one round of each server: pass a larger number.");
      isBroken ||= broken > 0;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  console.log(
    isBroken
      ? `Some promises were broken: --seed ${seed} sends the same bytes again.`
      : "Every promise was kept.",
  );
  process.exitCode = isBroken ? 1 : 0;
}

import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { headRow, reportRow } from "./report.js";
import { holds, play } from "./run.js";
import { matrix } from "./scenario.js";

const usage = `usage: pnpm chaos [options]

Plays every scenario: three receivers, a real Redis or PostgreSQL, a sender that retries a thousand times faster, and
what goes wrong meanwhile. Ends with status 1 when a delivery that was acknowledged is lost, something that must happen
once happens twice, or a planted bug is not found.
  --seed N     decides what goes wrong when (default: a random one, printed)
  --only TEXT  plays the scenarios with TEXT in their names
  --list       shows their names`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    only: { type: "string", default: "" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) console.log(usage);
else if (values.list) for (const { name } of matrix) console.log(name);
else await playAll();

async function playAll(): Promise<void> {
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  const chosen = matrix.filter(({ name }) => name.includes(values.only));
  if (!Number.isInteger(seed))
    throw new Error("--seed is not a whole number: leave it out for a random one.");
  if (chosen.length === 0) throw new Error(`No scenario has "${values.only}" in its name: see --list.`);

  console.log(`seed ${seed}\n\n${headRow}`);
  const path = fileURLToPath(new URL("receiver.js", import.meta.url));
  let failed = 0;
  for (const scenario of chosen) {
    const report = await play(scenario, { seed, path });
    console.log(reportRow(report));
    if (!holds(report)) failed += 1;
  }
  console.log(
    failed === 0
      ? "\nEverything holds."
      : `\n${failed} of ${chosen.length} fail: --seed ${seed} plays it again.`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

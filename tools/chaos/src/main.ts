import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { playCopies } from "./copies.js";
import { canMountDisk } from "./disk.js";
import { headRow, reportRow } from "./report.js";
import { passes, play } from "./run.js";
import { matrix } from "./scenarios/matrix.js";

const usage = `usage: pnpm chaos [options]

Plays every scenario: receivers and workers on a real Redis, PostgreSQL or MySQL, or one process on a SQLite file, a sender that
retries a thousand times faster, and faults meanwhile. Exits with status 1 if an acknowledged delivery is lost, an effect that must exist once exists twice,
or a planted bug is not found.
  --seed N     seed of the random numbers that time the faults (default: a random one, printed)
  --only TEXT  play only scenarios whose names contain TEXT
  --list       print the names of all scenarios
  --copies     instead, play 20 copies at once of each of 200 deliveries on every store and executor, under each fault`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    only: { type: "string", default: "" },
    list: { type: "boolean", default: false },
    copies: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) console.log(usage);
else if (values.list) for (const { scenarios } of matrix) for (const { name } of scenarios) console.log(name);
else if (values.copies) process.exitCode = (await playCopies(values.only)) ? 0 : 1;
else await playAll();

async function playAll(): Promise<void> {
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  const groups = matrix
    .map(({ title, scenarios }) => ({
      title,
      scenarios: scenarios.filter(({ name }) => name.includes(values.only)),
    }))
    .filter(({ scenarios }) => scenarios.length > 0);
  if (!Number.isInteger(seed))
    throw new Error("--seed must be a whole number: leave it out for a random one.");
  if (groups.length === 0)
    throw new Error(`No scenario has "${values.only}" in its name: use --list for the names.`);

  console.log(`seed ${seed}`);
  const path = fileURLToPath(new URL("receiver.js", import.meta.url));
  const canFillDisk = await canMountDisk();
  let failed = 0;
  for (const { title, scenarios } of groups) {
    console.log(`\n${title}\n${headRow}`);
    for (const scenario of scenarios) {
      if (scenario.faults.includes("full disk") && !canFillDisk) {
        console.log(
          `${scenario.name}: LEFT OUT, because only root on Linux may mount the disk that gets full`,
        );
        continue;
      }
      const report = await play(scenario, { seed, path });
      console.log(reportRow(report));
      if (!passes(report)) failed += 1;
    }
  }
  console.log(
    failed === 0 ? "\nEvery scenario passed." : `\n${failed} failed: --seed ${seed} plays the same again.`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

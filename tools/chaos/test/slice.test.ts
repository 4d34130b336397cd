import { fileURLToPath } from "node:url";

import { hasMysql, hasPostgres, hasRedis, required } from "@ahasend-webhooks/harness";
import { describe, it } from "vitest";

import { reportRow } from "../src/report.js";
import { play } from "../src/run.js";
import { slice } from "../src/scenarios/matrix.js";

const path = fileURLToPath(new URL("../dist/receiver.js", import.meta.url));
const seed = 1;
const available = { PostgreSQL: hasPostgres(), MySQL: hasMysql(), Redis: hasRedis(), SQLite: true };

for (const [name, present] of Object.entries(available)) required(name, present);

describe("receivers under faults", () => {
  const playable = slice.filter(({ storage }) => available[storage]);
  it.concurrent.for(playable)(
    "keep their guarantees, or show the planted bug: $name",
    { timeout: 120_000 },
    async (scenario, { expect }) => {
      const report = await play(scenario, { seed, path });
      console.log(reportRow(report));
      if (scenario.planted === undefined) expect(report.violations).toEqual([]);
      else expect(report.violations.join("\n")).toContain(scenario.planted.finding);
    },
  );
});

import { parseArgs } from "node:util";

import { runAll } from "./run.js";
import { suites } from "./suites/index.js";

const usage = `usage: pnpm bench [options]

Compares these packages with the usual alternatives, and writes docs/performance.md and its charts.
Takes about thirteen minutes on a machine without other load.
  --quick         a rough run of less than a minute; prints the report and writes nothing
  --check         only suites without servers and networks; exits with 1 if a ratio is below its floor
  --only SUITES   some of: ${Object.keys(suites).join(", ")} (prints the report and writes nothing)`;

try {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      only: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) console.log(usage);
  else process.exitCode = await runAll({ ...values, only: values.only?.split(",") });
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
}

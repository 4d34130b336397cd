import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

import { targetNames } from "./servers/index.js";

/** The usage of `pnpm fuzz`. */
export const usage = `usage: pnpm fuzz [options]

Sends random bytes over real sockets to every adapter, genuine deliveries in between. Ends with status 1 when a server
crashes, hangs, leaks, floods its log, replies what is not documented, or a delivery is not handled exactly once. A
failing script is made smaller and kept in tools/fuzz/cases.
  --seconds N  how long (default: 60)
  --seed S     decides what is sent (default: a random one, printed)
  --only NAME  one of ${targetNames.join(", ")}`;

/** Options of the command line. */
export interface Options {
  help: boolean;
  seconds: number;
  seed: number;
  targets: typeof targetNames;
}

/** Reads the command line. @throws {Error} for an option that is wrong, with what is accepted instead */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: String(randomInt(2 ** 31)) },
      only: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const targets = targetNames.filter((name) => values.only === undefined || name === values.only);
  if (targets.length === 0) throw new Error(`--only must be one of ${targetNames.join(", ")}.`);
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error("--seconds must be a number above 0.");
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number.");
  return { help: values.help, seconds, seed, targets };
}

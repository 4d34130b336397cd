import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

import { targetNames } from "./servers/index.js";

/** The usage of `pnpm fuzz`. */
export const usage = `usage: pnpm fuzz [options]

Sends random bytes, mixed with genuine deliveries, to every adapter over real sockets. Exits with 1 if a server crashes,
hangs, leaks, floods its log or sends an undocumented reply, or if a delivery is not handled exactly once. A failing
script is shrunk and kept in tools/fuzz/cases.
  --seconds N  duration (default: 60)
  --seed S     the seed of everything that is sent (default: random; it is printed)
  --only NAME  fuzz a single server: ${targetNames.join(", ")}`;

/** Options of the command line. */
export interface Options {
  help: boolean;
  seconds: number;
  seed: number;
  targets: typeof targetNames;
}

/** Parses the command line. @throws {Error} if an option is not valid; the message says what is accepted */
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

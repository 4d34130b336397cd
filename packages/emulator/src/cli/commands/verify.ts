import { Command, InvalidArgumentError, Option } from "commander";

import { diagnose } from "../../doctor/diagnose.js";
import type { Diagnosis } from "../../doctor/diagnosis.js";
import { diagnosisLines } from "../text/diagnosis-text.js";
import { UsageError, asUsage, exitCodes } from "../exit.js";
import { readBytes, readText } from "../read-file.js";
import {
  jsonOption,
  createNoSecretError,
  parsePositiveNumber,
  secretsOption,
} from "../options/shared-options.js";
import { createOutput, helpExamples } from "../output.js";
import { type HeaderList, parseHeaders } from "../listener/parse-headers.js";

interface VerifyOptions {
  secret?: readonly string[];
  headers: string;
  body: string;
  at?: number;
  tolerance: number;
  json?: boolean;
}

/** `verify`: the signature doctor. */
export function verifyCommand(): Command {
  return new Command("verify")
    .summary("say whether a captured request verifies and, if not, why")
    .description(
      "Says whether a captured request verifies and, if not, why: it tries what is known to go wrong with secrets, bodies and signatures, and names what makes the signature match.",
    )
    .addOption(secretsOption())
    .requiredOption(
      "--headers <path>",
      "a file of headers: lines of name: value, as curl -i prints them, or JSON",
    )
    .requiredOption("--body <path>", "a file with the exact body; - for what is piped in")
    .addOption(
      new Option("--at <time>", "judge it as of then (now): Unix seconds, or 2026-07-14T15:03:21Z").argParser(
        parseTime,
      ),
    )
    .addOption(
      new Option("--tolerance <seconds>", "how old it may be, or how far ahead")
        .default(300)
        .argParser(parsePositiveNumber("such as 300")),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      helpExamples(
        "verify --headers headers.txt --body body.json",
        "verify --headers headers.json --body - --secret aha-whsec-… --secret aha-rsec-… < body.json",
        "verify --headers headers.txt --body body.json --at 2026-07-14T15:03:21Z --json",
      ),
    )
    .addHelpText("after", "\nExit status: 0 verifies, 1 does not, 2 wrong options.")
    .action(verify);
}

async function verify({ secret, headers, body, at, tolerance, json }: VerifyOptions): Promise<void> {
  if (secret === undefined) throw createNoSecretError();
  if (headers === "-" && body === "-")
    throw new UsageError("Only one can be piped in: give a file for the other.");
  const text = await readText(headers);
  const capture = { headers: asUsage(() => parseHeaders(text), headers), body: await readBytes(body) };
  const diagnosis = diagnose(capture, {
    secret,
    toleranceSeconds: tolerance,
    ...(at !== undefined && { now: () => at }),
  });
  const output = createOutput({ json });
  for (const line of diagnosisLines(diagnosis, secret.length)) output.line(line);
  if (isOnlyStale(diagnosis))
    output.line(`  It verifies as of then: give --at ${findTimestamp(capture.headers)}`);
  output.data(diagnosis);
  process.exitCode = diagnosis.verifies ? exitCodes.ok : exitCodes.failed;
}

/** @returns milliseconds since 1970 */
function parseTime(text: string): number {
  const time = /^[0-9]{9,12}$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new InvalidArgumentError("Write it as 1784041401 or as 2026-07-14T15:03:21Z.");
}

/** Whether there is nothing wrong with a request but its age. */
function isOnlyStale(diagnosis: Diagnosis): boolean {
  return !diagnosis.verifies && diagnosis.problems.every(({ code }) => code === "stale_timestamp");
}

function findTimestamp(headers: HeaderList): string {
  return headers.find(([name]) => name.toLowerCase() === "webhook-timestamp")?.[1] ?? "";
}

import { contract } from "@ahasend-webhooks/core/contract";
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

/** Creates `verify`: the signature doctor. */
export function verifyCommand(): Command {
  return new Command("verify")
    .summary("verify a captured request and, if it fails, find out why")
    .description(
      "Verifies a captured request. If the signature does not match, undoes the known mistakes with secrets, bodies and signatures until it does, and names them.",
    )
    .addOption(secretsOption())
    .requiredOption(
      "--headers <path>",
      'file with the headers: lines of "name: value", as curl -i prints them, or JSON',
    )
    .requiredOption("--body <path>", "file with the exact body; - for stdin")
    .addOption(
      new Option(
        "--at <time>",
        "verify it as of this time, in Unix seconds or as 2026-07-14T15:03:21Z (default: now)",
      ).argParser(parseTime),
    )
    .addOption(
      new Option("--tolerance <seconds>", "how far the timestamp may be from that time, both ways")
        .default(contract.toleranceSeconds)
        .argParser(parsePositiveNumber(`such as ${contract.toleranceSeconds}`)),
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
    .addHelpText("after", "\nExit codes: 0 verifies, 1 does not verify, 2 invalid options")
    .action(verify);
}

async function verify({ secret, headers, body, at, tolerance, json }: VerifyOptions): Promise<void> {
  if (secret === undefined) throw createNoSecretError();
  if (headers === "-" && body === "-")
    throw new UsageError("Only one of --headers and --body can be stdin: use a file for the other.");
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
    output.line(`  It verifies as of the time it was signed: use --at ${findTimestamp(capture.headers)}`);
  output.data(diagnosis);
  process.exitCode = diagnosis.verifies ? exitCodes.ok : exitCodes.failed;
}

/** @returns milliseconds since 1970 */
function parseTime(text: string): number {
  const time = /^[0-9]{9,12}$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new InvalidArgumentError("It must be a time such as 1784041401 or 2026-07-14T15:03:21Z.");
}

/** Returns whether the age of a request is its only problem. */
function isOnlyStale(diagnosis: Diagnosis): boolean {
  return !diagnosis.verifies && diagnosis.problems.every(({ code }) => code === "stale_timestamp");
}

function findTimestamp(headers: HeaderList): string {
  return headers.find(([name]) => name.toLowerCase() === "webhook-timestamp")?.[1] ?? "";
}

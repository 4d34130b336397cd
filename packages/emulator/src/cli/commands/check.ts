import { Command, Option } from "commander";

import { checkEndpoint } from "../../check/check-endpoint.js";
import { checkRules } from "../../check/checks/all-checks.js";
import { selectChecks } from "../../check/select-checks.js";
import type { CheckOptions } from "../../check/check-options.js";
import type { CheckReport, CheckResult } from "../../check/check-report.js";
import { EmulatorError } from "../../errors.js";
import { isJudged, reportText, resultText, ruleText } from "../text/check-text.js";
import { UsageError, asUsage, exitCodes } from "../exit.js";
import { interruptible } from "../interrupt.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  parseUrl,
  requireSecret,
  secretOption,
  toOption,
  parseWholeNumber,
} from "../options/shared-options.js";
import { type Output, createOutput, helpExamples } from "../output.js";
import { toRemoteAddressError } from "../remote-address.js";

const DAY_SECONDS = 86_400;

interface CheckCommandOptions {
  to?: string;
  secret?: string;
  effects?: string;
  queued?: boolean;
  only?: readonly string[];
  skip?: readonly string[];
  timeout?: number;
  timeLimit?: number;
  list?: boolean;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** `check`: holds a receiver against the rules, whatever it is built with. */
export function checkCommand(): Command {
  return new Command("check")
    .summary("find out what a receiver does wrong, and how to fix it")
    .description(
      "Sends genuine, forged, stale, repeated, odd, large and slow deliveries to a receiver, whatever it is built with, and says what it should do otherwise. Its handlers really run: check a development instance.",
    )
    .addOption(toOption().makeOptionMandatory(false))
    .addOption(secretOption())
    .addOption(
      new Option(
        "--effects <url>",
        "a URL of the receiver with JSON that counts what handlers did: shows work done twice, or too late",
      ).argParser(parseUrl),
    )
    .addOption(new Option("--queued", "work waits in a durable queue when the receiver answers"))
    .addOption(
      createNamesOption(
        "--only <names>",
        "check these only, and what they rest on: groups or names, with commas",
      ),
    )
    .addOption(createNamesOption("--skip <names>", "leave these out"))
    .addOption(
      createSecondsOption("--timeout <seconds>", "how long an answer may take (default: 5, as with AhaSend)"),
    )
    .addOption(createSecondsOption("--time-limit <seconds>", "how long all of it may take (default: 120)"))
    .addOption(new Option("--list", "list what is checked, and do nothing"))
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      helpExamples(
        "check --to http://localhost:3000/webhooks/ahasend --secret aha-whsec-…",
        "check --to http://localhost:3000/webhooks/ahasend --effects http://localhost:3000/stats",
        "check --to http://localhost:3000/webhooks/ahasend --only forged,time --skip limits/mail-of-29-mb",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status: 0 nothing failed, 1 something did, 2 wrong options, 130 interrupted.",
    )
    .action(check);
}

async function check(options: CheckCommandOptions): Promise<void> {
  const output = createOutput(options);
  if (options.list === true) return list(output);
  const { to: url, secret, timeout, timeLimit, list: _list, json: _json, ...others } = options;
  if (url === undefined)
    throw new UsageError("There is no URL: give --to http://localhost:3000/webhooks/ahasend.");
  const checkOptions = {
    ...others,
    url,
    secret: requireSecret(secret),
    ...(timeout !== undefined && { attemptTimeoutSeconds: timeout }),
    ...(timeLimit !== undefined && { timeLimitSeconds: timeLimit }),
  };
  const { length } = asUsage(() => selectChecks(options.only, options.skip));
  await interruptible(async (signal) => {
    const { ok } = await runChecks(output, length, { ...checkOptions, signal });
    process.exitCode = signal.aborted ? exitCodes.interrupted : ok ? exitCodes.ok : exitCodes.failed;
  });
}

/** Tells each result when it is there, and the sum of them. */
async function runChecks(output: Output, length: number, options: CheckOptions): Promise<CheckReport> {
  let before: CheckResult | undefined;
  let count = 0;
  const onResult = (result: CheckResult) => {
    output.data({ kind: "check", ...result });
    if (isJudged(result)) {
      output.line(resultText(result, before));
      before = result;
    }
    output.progress(`${(count += 1)} of ${length}`);
  };
  try {
    const report = await checkEndpoint({ ...options, onResult });
    const { results: _results, ...sum } = report;
    output.line(reportText(report));
    output.data({ kind: "summary", ...sum });
    return report;
  } catch (error) {
    if (error instanceof EmulatorError && error.code === "remote_address")
      throw toRemoteAddressError(error.message);
    throw error;
  }
}

function list(output: Output): void {
  for (const rule of checkRules) {
    output.line(ruleText(rule));
    output.data({ kind: "rule", ...rule });
  }
}

function createNamesOption(flags: string, description: string): Option {
  const parse = (text: string, names: readonly string[] = []) => [...names, ...text.split(",")];
  return new Option(flags, description).argParser(parse);
}

function createSecondsOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseWholeNumber(1, DAY_SECONDS));
}

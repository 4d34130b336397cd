import { contract } from "@ahasend-webhooks/core/contract";
import { Command, Option } from "commander";

import { checkEndpoint } from "../../check/check-endpoint.js";
import { checkRules } from "../../check/checks/all-checks.js";
import { selectChecks } from "../../check/select-checks.js";
import type { CheckOptions } from "../../check/check-options.js";
import type { CheckedRequest } from "../../check/probe/checked-request.js";
import type { CheckReport, CheckResult } from "../../check/check-report.js";
import { EmulatorError } from "../../errors.js";
import { isConclusive, reportText, resultText, ruleText } from "../text/check-text.js";
import { UsageError, asUsage, exitCodes } from "../exit.js";
import { interruptible } from "../interrupt.js";
import {
  allowRemoteOption,
  insecureOption,
  jsonOption,
  pageOption,
  parseUrl,
  requireSecret,
  secretOption,
  toOption,
  parseWholeNumber,
} from "../options/shared-options.js";
import { type Output, createOutput, helpExamples } from "../output.js";
import { openReporter } from "../page/reporter.js";
import { reportCheck } from "../page/to-report.js";
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
  page?: string;
  allowRemote?: boolean;
  insecure?: boolean;
  json?: boolean;
}

/** Creates `check`: the conformance check of a receiver. */
export function checkCommand(): Command {
  return new Command("check")
    .summary("check a receiver for conformance, and show how to fix it")
    .description(
      "Sends genuine, forged, stale, duplicate, unusual, large and slow deliveries to a receiver in any language or framework, and shows which rules it breaks and how to fix it. Its handlers really run: use a development instance.",
    )
    .addOption(toOption().makeOptionMandatory(false))
    .addOption(secretOption())
    .addOption(
      new Option(
        "--effects <url>",
        "URL of the receiver that serves JSON in which its handlers count what they do; reveals work that is done twice or after the reply",
      ).argParser(parseUrl),
    )
    .addOption(new Option("--queued", "the receiver hands work to a durable queue before it replies"))
    .addOption(
      createNamesOption(
        "--only <names>",
        "comma-separated groups or names of checks to run, together with those they rest on",
      ),
    )
    .addOption(createNamesOption("--skip <names>", "comma-separated groups or names of checks to leave out"))
    .addOption(
      createSecondsOption(
        "--timeout <seconds>",
        `how long to wait for each reply (default: ${contract.attemptTimeoutSeconds}, as AhaSend does)`,
      ),
    )
    .addOption(createSecondsOption("--time-limit <seconds>", "time limit of the whole run (default: 120)"))
    .addOption(new Option("--list", "list the rules, and exit"))
    .addOption(allowRemoteOption())
    .addOption(insecureOption())
    .addOption(pageOption())
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
      "\nExit status: 0 no rule broken, 1 rules broken, 2 invalid options, 130 interrupted",
    )
    .action(check);
}

async function check(options: CheckCommandOptions): Promise<void> {
  const output = createOutput(options);
  if (options.list === true) return list(output);
  const { to: url, secret, timeout, timeLimit, page, list: _list, json: _json, ...others } = options;
  if (url === undefined)
    throw new UsageError("A URL is required: use --to http://localhost:3000/webhooks/ahasend.");
  const checkOptions = {
    ...others,
    url,
    secret: requireSecret(secret),
    ...(timeout !== undefined && { attemptTimeoutSeconds: timeout }),
    ...(timeLimit !== undefined && { timeLimitSeconds: timeLimit }),
  };
  const { length: total } = asUsage(() => selectChecks(options.only, options.skip));
  const reporter = await openReporter(page, "check");
  let count = 0;
  const onRequest = (request: CheckedRequest) =>
    reporter.report(String((count += 1)), (key) => reportCheck(key, request));
  await interruptible(async (signal) => {
    const { ok } = await runChecks(output, total, { ...checkOptions, signal, onRequest });
    await reporter.close();
    process.exitCode = signal.aborted ? exitCodes.interrupted : ok ? exitCodes.ok : exitCodes.failed;
  });
}

/** Prints each result as soon as it is known, and the report. */
async function runChecks(output: Output, total: number, options: CheckOptions): Promise<CheckReport> {
  let previous: CheckResult | undefined;
  let count = 0;
  const onResult = (result: CheckResult) => {
    output.data({ kind: "check", ...result });
    if (isConclusive(result)) {
      output.line(resultText(result, previous));
      previous = result;
    }
    output.progress(`${(count += 1)} of ${total} checks`);
  };
  try {
    const report = await checkEndpoint({ ...options, onResult });
    const { results: _results, ...summary } = report;
    output.line(reportText(report));
    output.data({ kind: "summary", ...summary });
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

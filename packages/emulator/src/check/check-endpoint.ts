import { performance } from "node:perf_hooks";

import { type Check, type Finding, unknown } from "./check.js";
import { chosenChecks } from "./select-checks.js";
import { withDeadline } from "./probe/with-deadline.js";
import { type CheckOptions, resolveCheckOptions } from "./check-options.js";
import { Probe } from "./probe/probe.js";
import { type CheckReport, type CheckResult, reportOf, resultOf } from "./check-report.js";

/**
 * Finds out whether an endpoint keeps to the rules for receivers of AhaSend's webhooks, whatever it is built with. It
 * judges by what AhaSend would conclude; what works and could be better is a warning.
 *
 * The handlers of the receiver really run: check a development instance.
 *
 * @returns never rejects for what the receiver does
 * @throws {TypeError} for wrong options
 * @throws {EmulatorError} `remote_address` when the URL leads to another machine and `allowRemote` is not set
 *
 * @example
 * const { ok, results } = await checkEndpoint({ url: "http://localhost:3000/webhooks/ahasend", secret });
 * for (const { verdict, rule, cure } of results) if (verdict === "failed") console.log(`${rule}: ${cure}`);
 */
export async function checkEndpoint(options: CheckOptions): Promise<CheckReport> {
  const settings = resolveCheckOptions(options);
  const chosen = chosenChecks(options.only, options.skip);
  const results = new Map<string, CheckResult>();
  const begun = performance.now();
  const complete = await withDeadline(settings.timeLimitSeconds, options.signal, async (signal) => {
    const probe = new Probe(settings, signal);
    try {
      for (const check of chosen) {
        if (signal.aborted) break;
        const result = resultOf(check, await judge(check, probe, results));
        results.set(check.name, result);
        options.onResult?.(result);
      }
      return !signal.aborted;
    } finally {
      probe.close();
    }
  });
  const durationMs = performance.now() - begun;
  return reportOf({ url: settings.url, complete, durationMs, results: [...results.values()] });
}

/** Runs a check, as far as what it rests on allows a judgement. */
async function judge(
  check: Check,
  probe: Probe,
  results: ReadonlyMap<string, CheckResult>,
): Promise<Finding> {
  const base = results.get(check.restsOn ?? "");
  const isFounded = base === undefined || base.verdict === "passed" || base.verdict === "warned";
  const hasAnswered =
    probe.exchanges.length === 0 || probe.exchanges.some(({ answer }) => answer !== undefined);
  if (!isFounded && (check.must !== "refuse" || !hasAnswered)) return unfounded(base);
  const finding = await check.run(probe);
  if (probe.signal.aborted) return unknown("not judged: the time was over, or the run was ended");
  return isFounded || finding.verdict === "failed" ? finding : unfounded(base);
}

/** Why a check says nothing that rests on one which does not hold, or says nothing itself. */
function unfounded({ rule, verdict, came }: CheckResult): Finding {
  return unknown(verdict === "unknown" ? came : `not judged as long as “${rule}” does not hold`);
}

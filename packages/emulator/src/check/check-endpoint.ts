import { performance } from "node:perf_hooks";

import type { Check } from "./check.js";
import { type CheckOptions, resolveCheckOptions } from "./check-options.js";
import { type CheckReport, type CheckResult, createReport, createResult } from "./check-report.js";
import { type Finding, inconclusive } from "./finding.js";
import { Probe } from "./probe/probe.js";
import { withDeadline } from "./probe/with-deadline.js";
import { selectChecks } from "./select-checks.js";

/**
 * Checks that an endpoint follows the rules for receivers of AhaSend's webhooks, in any language or framework. A check
 * fails where AhaSend would lose, repeat or wrongly accept a delivery; a warning marks what works but could be better.
 *
 * The handlers of the receiver really run: use a development instance.
 *
 * @returns the report; no behaviour of the receiver rejects the promise
 * @throws {TypeError} for invalid options
 * @throws {EmulatorError} `remote_address` when the URL leads to another machine and `allowRemote` is not set
 *
 * @example
 * const { results } = await checkEndpoint({ url: "http://localhost:3000/webhooks/ahasend", secret });
 * for (const { verdict, rule, fix } of results) if (verdict === "failed") console.log(`${rule}: ${fix}`);
 */
export async function checkEndpoint(options: CheckOptions): Promise<CheckReport> {
  const settings = resolveCheckOptions(options);
  const checks = selectChecks(options.only, options.skip);
  const results = new Map<string, CheckResult>();
  const startedAt = performance.now();
  const complete = await withDeadline(settings.timeLimitSeconds, options.signal, async (signal) => {
    const probe = new Probe(settings, signal);
    try {
      for (const check of checks) {
        if (signal.aborted) break;
        const result = createResult(check, await runCheck(check, probe, results));
        results.set(check.name, result);
        options.onResult?.(result);
      }
      return !signal.aborted;
    } finally {
      probe.close();
    }
  });
  const durationMs = performance.now() - startedAt;
  return createReport({ url: settings.url, complete, durationMs, results: [...results.values()] });
}

/** Runs a check if the one it rests on makes its finding conclusive. */
async function runCheck(
  check: Check,
  probe: Probe,
  results: ReadonlyMap<string, CheckResult>,
): Promise<Finding> {
  const base = results.get(check.restsOn ?? "");
  const hasBasis = base === undefined || base.verdict === "passed" || base.verdict === "warned";
  const hasReplied = probe.exchanges.length === 0 || probe.exchanges.some(({ reply }) => reply !== undefined);
  if (!hasBasis && (check.expects !== "refusal" || !hasReplied)) return withoutBasis(base);
  const finding = await check.run(probe);
  if (probe.signal.aborted) return inconclusive("inconclusive: the run was ended, or reached its time limit");
  return hasBasis || finding.verdict === "failed" ? finding : withoutBasis(base);
}

/** Explains why a check is inconclusive: the one it rests on failed, or is inconclusive itself. */
function withoutBasis({ rule, verdict, observed }: CheckResult): Finding {
  return inconclusive(verdict === "unknown" ? observed : `inconclusive until this holds: “${rule}”`);
}

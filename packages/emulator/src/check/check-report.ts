import type { CheckRule } from "./check-rule.js";
import type { CheckVerdict, Finding } from "./finding.js";

/** The result of one check. */
export interface CheckResult extends Omit<CheckRule, "fix" | "restsOn"> {
  readonly verdict: CheckVerdict;
  /** The behavior of the receiver, or the reason why it is inconclusive. */
  readonly observed: string;
  /** The fix for the receiver; only with a failure or a warning. */
  readonly fix?: string;
}

/** The results of a run. */
export interface CheckReport {
  readonly url: string;
  /** `true` when the run is complete and nothing failed. */
  readonly ok: boolean;
  /** `false` when the time limit, or the signal, ended the run early. */
  readonly complete: boolean;
  /** The number of results by verdict. */
  readonly counts: Readonly<Record<CheckVerdict, number>>;
  readonly durationMs: number;
  readonly results: readonly CheckResult[];
}

/** Combines a rule with its finding. */
export function createResult(
  { name, rule, sent, expected, source, fix: ruleFix }: CheckRule,
  { verdict, observed, fix = ruleFix }: Finding,
): CheckResult {
  const needsFix = verdict === "failed" || verdict === "warned";
  return { name, rule, verdict, sent, expected, observed, source, ...(needsFix && { fix }) };
}

/** Adds up the results of a run. */
export function createReport({
  results,
  ...run
}: Pick<CheckReport, "url" | "results" | "complete" | "durationMs">): CheckReport {
  const counts = { passed: 0, failed: 0, warned: 0, unknown: 0 };
  for (const { verdict } of results) counts[verdict] += 1;
  return { ...run, ok: run.complete && counts.failed === 0, counts, results };
}

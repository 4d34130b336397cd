import type { CheckRule } from "./check-rule.js";
import type { CheckVerdict, Finding } from "./finding.js";

/** How a receiver keeps to one rule. */
export interface CheckResult extends Omit<CheckRule, "fix" | "restsOn"> {
  readonly verdict: CheckVerdict;
  /** What came, or why that says nothing. */
  readonly observed: string;
  /** What to do; only where something failed or could be better. */
  readonly fix?: string;
}

/** What a run of checks has found. */
export interface CheckReport {
  readonly url: string;
  /** Whether everything was judged that can be, and nothing failed. */
  readonly ok: boolean;
  /** Whether the run came to its end: if not, the time was over before, or it was ended. */
  readonly complete: boolean;
  /** How many checks came out in which way. */
  readonly counts: Readonly<Record<CheckVerdict, number>>;
  readonly durationMs: number;
  readonly results: readonly CheckResult[];
}

/** A rule with what was found. */
export function createResult(
  { name, rule, sent, expected, source, fix: cure }: CheckRule,
  { verdict, observed: came, fix: special = cure }: Finding,
): CheckResult {
  const isFault = verdict === "failed" || verdict === "warned";
  return { name, rule, verdict, sent, expected, observed: came, source, ...(isFault && { fix: special }) };
}

/** Adds results up. */
export function createReport({
  results,
  ...run
}: Pick<CheckReport, "url" | "results" | "complete" | "durationMs">): CheckReport {
  const counts = { passed: 0, failed: 0, warned: 0, unknown: 0 };
  for (const { verdict } of results) counts[verdict] += 1;
  return { ...run, ok: run.complete && counts.failed === 0, counts, results };
}

import type { CheckRule, CheckVerdict, Finding } from "./check.js";

/** How a receiver keeps to one rule. */
export interface CheckResult extends Omit<CheckRule, "cure" | "restsOn"> {
  readonly verdict: CheckVerdict;
  /** What came, or why that says nothing. */
  readonly came: string;
  /** What to do; only where something failed or could be better. */
  readonly cure?: string;
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
export function resultOf(
  { name, rule, sent, expected, source, cure }: CheckRule,
  { verdict, came, cure: special = cure }: Finding,
): CheckResult {
  const isFault = verdict === "failed" || verdict === "warned";
  return { name, rule, verdict, sent, expected, came, source, ...(isFault && { cure: special }) };
}

/** Adds results up. */
export function reportOf({
  results,
  ...run
}: Pick<CheckReport, "url" | "results" | "complete" | "durationMs">): CheckReport {
  const counts = { passed: 0, failed: 0, warned: 0, unknown: 0 };
  for (const { verdict } of results) counts[verdict] += 1;
  return { ...run, ok: run.complete && counts.failed === 0, counts, results };
}

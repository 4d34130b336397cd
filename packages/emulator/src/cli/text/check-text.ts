import type { CheckRule } from "../../check/check-rule.js";
import type { CheckVerdict } from "../../check/finding.js";
import { checkGroup } from "../../check/check-rule.js";
import type { CheckReport, CheckResult } from "../../check/check-report.js";
import { paint } from "../output.js";

const NAME_WIDTH = 34;
/** The number of checks that are listed with the reason why they are inconclusive. */
const MAX_LISTED = 6;
const MARKS = { passed: ["green", "✓"], failed: ["red", "✗"], warned: ["yellow", "!"] } as const;

/** A result that is conclusive. */
export type ConclusiveResult = CheckResult & { readonly verdict: Exclude<CheckVerdict, "unknown"> };

/** Returns whether a result is conclusive. */
export function isConclusive(result: CheckResult): result is ConclusiveResult {
  return result.verdict !== "unknown";
}

/** Formats a rule for a list: its name, and the rule. */
export function ruleText({ name, rule }: CheckRule): string {
  return `${name.padEnd(NAME_WIDTH)}${rule}`;
}

/**
 * Formats a result: one line, or several that explain the fix.
 *
 * @param previous the result above it: a new group gets a heading
 */
export function resultText(result: ConclusiveResult, previous: CheckResult | undefined): string {
  const { verdict, rule, name, sent, observed, expected, fix = "", source } = result;
  const [colour, mark] = MARKS[verdict];
  const group = checkGroup(result);
  const isFirst = previous === undefined || checkGroup(previous) !== group;
  const heading = isFirst ? `${previous === undefined ? "" : "\n"}${paint("bold", group)}\n` : "";
  const line = `${heading}  ${paint(colour, mark)} ${rule}`;
  if (verdict === "passed") return line;
  const details = { sent, observed, expected, fix, source, name };
  return [
    line,
    ...Object.entries(details).map(([title, text]) => `      ${paint("dim", title.padEnd(10))}${text}`),
  ].join("\n");
}

/** Formats the end of a report: the inconclusive checks by reason, and the counts. */
export function reportText({ results, counts, complete, durationMs }: CheckReport): string {
  const { passed, failed, warned, unknown } = counts;
  const totals = [
    `${passed} passed`,
    failed === 0 ? "0 failed" : paint("red", `${failed} failed`),
    `${warned} ${warned === 1 ? "warning" : "warnings"}`,
    `${unknown} inconclusive`,
  ];
  const end = complete ? "" : "; the run was incomplete";
  return [
    ...inconclusiveText(results),
    "",
    `${totals.join(", ")}, in ${(durationMs / 1000).toFixed(1)} s${end}`,
  ].join("\n");
}

function inconclusiveText(results: readonly CheckResult[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { verdict, observed, name } of results) {
    if (verdict === "unknown") byReason.set(observed, [...(byReason.get(observed) ?? []), name]);
  }
  return [...byReason].flatMap(([reason, names]) => {
    const listed = names.slice(0, MAX_LISTED).join(", ");
    const others = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : "";
    return ["", `  ${paint("dim", "?")} ${reason}`, `      ${listed}${others}`];
  });
}

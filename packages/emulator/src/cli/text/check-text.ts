import type { CheckRule } from "../../check/check-rule.js";
import type { CheckVerdict } from "../../check/finding.js";
import { checkGroup } from "../../check/check-rule.js";
import type { CheckReport, CheckResult } from "../../check/check-report.js";
import { paint } from "../output.js";

const NAME_WIDTH = 34;
/** Of the checks that one reason keeps from being judged. */
const LISTED = 6;
const MARKS = { passed: ["green", "✓"], failed: ["red", "✗"], warned: ["yellow", "!"] } as const;

/** A result that says something. */
export type JudgedResult = CheckResult & { readonly verdict: Exclude<CheckVerdict, "unknown"> };

/** Whether a result says something. */
export function isJudged(result: CheckResult): result is JudgedResult {
  return result.verdict !== "unknown";
}

/** A rule in a list: its name and what it says. */
export function ruleText({ name, rule }: CheckRule): string {
  return `${name.padEnd(NAME_WIDTH)}${rule}`;
}

/**
 * A result: one line, or what is to be done.
 *
 * @param before the one above it: another group gets a heading
 */
export function resultText(result: JudgedResult, before: CheckResult | undefined): string {
  const { verdict, rule, name, sent, observed: came, expected, fix: cure = "", source } = result;
  const [colour, mark] = MARKS[verdict];
  const group = checkGroup(result);
  const isFirst = before === undefined || checkGroup(before) !== group;
  const heading = isFirst ? `${before === undefined ? "" : "\n"}${paint("bold", group)}\n` : "";
  const line = `${heading}  ${paint(colour, mark)} ${rule}`;
  if (verdict === "passed") return line;
  const details = { sent, came, expected, cure, source, name };
  return [
    line,
    ...Object.entries(details).map(([title, text]) => `      ${paint("dim", title.padEnd(10))}${text}`),
  ].join("\n");
}

/** The end: what could not be judged, by the reason, and how many came out in which way. */
export function reportText({ results, counts, complete, durationMs }: CheckReport): string {
  const { passed, failed, warned, unknown } = counts;
  const sum = [
    `${passed} passed`,
    failed === 0 ? "0 failed" : paint("red", `${failed} failed`),
    `${warned} ${warned === 1 ? "warning" : "warnings"}`,
    `${unknown} not judged`,
  ];
  const end = complete ? "" : ", and the rest was not tried";
  return [
    ...unjudgedText(results),
    "",
    `${sum.join(", ")}, in ${(durationMs / 1000).toFixed(1)} s${end}`,
  ].join("\n");
}

function unjudgedText(results: readonly CheckResult[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { verdict, observed: came, name } of results) {
    if (verdict === "unknown") byReason.set(came, [...(byReason.get(came) ?? []), name]);
  }
  return [...byReason].flatMap(([reason, names]) => {
    const listed = names.slice(0, LISTED).join(", ");
    const others = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
    return ["", `  ${paint("dim", "?")} ${reason}`, `      ${listed}${others}`];
  });
}

import type { Check, CheckRule } from "./check.js";
import { answerChecks } from "./checks/replies.js";
import { bodyChecks } from "./checks/bodies.js";
import { deliveryChecks } from "./checks/delivery.js";
import { effectChecks } from "./checks/effects.js";
import { forgedChecks } from "./checks/forged.js";
import { limitChecks } from "./checks/limits.js";
import { reachChecks } from "./checks/reach.js";
import { signatureChecks } from "./checks/signatures.js";
import { timeChecks } from "./checks/time.js";
import { typeChecks } from "./checks/types.js";

/** Every check, in the order in which they run: what others rest on comes first. */
const checks: readonly Check[] = [
  ...reachChecks,
  ...typeChecks,
  ...bodyChecks,
  ...signatureChecks,
  ...forgedChecks,
  ...timeChecks,
  ...deliveryChecks,
  ...effectChecks,
  ...limitChecks,
  ...answerChecks,
];

/** What {@link checkEndpoint} checks, in its order. */
export const checkRules: readonly CheckRule[] = checks.map(({ must: _must, run: _run, ...rule }) => rule);

/** The group that a check belongs to: `forged` of `forged/wrong-secret`. */
export const groupOf = ({ name }: { readonly name: string }): string => name.slice(0, name.indexOf("/"));

/**
 * Chooses checks by their names or groups, with what they rest on.
 *
 * @throws {TypeError} for a name that there is not
 */
export function chosenChecks(only: readonly string[] | undefined, skip: readonly string[] = []): Check[] {
  assertKnown("only", only ?? []);
  assertKnown("skip", skip);
  const isIn = (names: readonly string[], check: Check) =>
    names.includes(check.name) || names.includes(groupOf(check));
  const chosen = new Set(only === undefined ? checks : checks.filter((check) => isIn(only, check)));
  // Backwards: what a check rests on comes before it.
  for (const check of checks.toReversed()) {
    const base = checks.find(({ name }) => name === check.restsOn);
    if (chosen.has(check) && base !== undefined) chosen.add(base);
  }
  return checks.filter((check) => chosen.has(check) && !isIn(skip, check));
}

function assertKnown(option: string, names: readonly string[]): void {
  const groups = [...new Set(checks.map(groupOf))];
  const wrong = names.find((name) => !groups.includes(name) && !checks.some((check) => check.name === name));
  if (wrong === undefined) return;
  throw new TypeError(
    `${option} names ${JSON.stringify(wrong)}, which is no check: use a group (${groups.join(", ")}) or a name in one.`,
  );
}

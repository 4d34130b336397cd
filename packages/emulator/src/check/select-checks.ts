import { findClosest } from "@ahasend-webhooks/core";

import { checkGroup } from "./check-rule.js";
import type { Check } from "./check.js";
import { allChecks } from "./checks/all-checks.js";

/**
 * Selects checks by name or group, together with those they rest on.
 *
 * @throws {TypeError} for an unknown name
 */
export function selectChecks(only: readonly string[] | undefined, skip: readonly string[] = []): Check[] {
  assertNames("only", only ?? []);
  assertNames("skip", skip);
  const isNamed = (names: readonly string[], check: Check) =>
    names.includes(check.name) || names.includes(checkGroup(check));
  const selected = new Set(
    only === undefined ? allChecks : allChecks.filter((check) => isNamed(only, check)),
  );
  // Backwards: a check comes after the one it rests on.
  for (const check of allChecks.toReversed()) {
    const base = allChecks.find(({ name }) => name === check.restsOn);
    if (selected.has(check) && base !== undefined) selected.add(base);
  }
  return allChecks.filter((check) => selected.has(check) && !isNamed(skip, check));
}

function assertNames(option: string, names: readonly string[]): void {
  const groups = [...new Set(allChecks.map(checkGroup))];
  const known = new Set([...groups, ...allChecks.map(({ name }) => name)]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const meant = findClosest(unknown, [...known]);
  const cure =
    meant === undefined
      ? `Use a group (${groups.join(", ")}) or the name of a check, such as ${allChecks[0]?.name}.`
      : `Did you mean ${meant}?`;
  throw new TypeError(`${option}: ${JSON.stringify(unknown)} is not a check. ${cure}`);
}

import type { SqlValue } from "./sql-executor.js";

/** A name in quotes, or a parameter outside of them. */
const NAME_OR_PARAMETER = /"[^"]*"|\$(\d+)/g;

/** A statement that is split at its parameters. */
interface SplitStatement<Value> {
  /** One more than the values. */
  parts: string[];
  /** One for each parameter, in the order of the statement: a parameter that occurs twice has two. */
  values: (Value | null)[];
}

/** Splits a statement at its parameters `$1`, `$2`, …, for libraries that count them themselves. */
export function splitParameters<Value extends SqlValue>(
  text: string,
  values: readonly Value[],
): SplitStatement<Value> {
  // Without values, `$1` is not a parameter.
  if (values.length === 0) return { parts: [text], values: [] };
  const split: SplitStatement<Value> = { parts: [], values: [] };
  let end = 0;
  for (const { 0: parameter, 1: number, index } of text.matchAll(NAME_OR_PARAMETER)) {
    if (number === undefined) continue;
    split.parts.push(text.slice(end, index));
    split.values.push(values[Number(number) - 1] ?? null);
    end = index + parameter.length;
  }
  split.parts.push(text.slice(end));
  return split;
}

/** Replaces the parameters `$1`, `$2`, … with `?`, and escapes other question marks as `\?`. */
export function toQuestionMarks(
  text: string,
  values: readonly SqlValue[],
): { text: string; values: SqlValue[] } {
  const split = splitParameters(text, values);
  return { text: split.parts.map((part) => part.replaceAll("?", "\\?")).join("?"), values: split.values };
}

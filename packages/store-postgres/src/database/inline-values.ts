import { splitParameters } from "../executors/numbered-parameters.js";
import type { Statement } from "./database.js";

/**
 * Writes the values of a statement into its text, because several statements in one message cannot have parameters. Strings
 * are written as hexadecimal bytes, which no setting of the server and no character can turn into SQL.
 */
export function inlineValues({ text, values }: Statement): string {
  const split = splitParameters(text, values);
  const literals = split.values.map((value) => toLiteral(value));
  return split.parts.reduce((before, part, index) => before + literals[index - 1] + part);
}

function toLiteral(value: string | number | null): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return `(${value})`;
  return `convert_from(decode('${Buffer.from(value).toString("hex")}', 'hex'), 'UTF8')`;
}

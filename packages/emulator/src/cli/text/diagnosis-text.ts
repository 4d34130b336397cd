import type { Diagnosis, DiagnosisProblem } from "../../doctor/diagnosis.js";
import { toPrintable } from "../../to-printable.js";
import { paint } from "../output.js";

/** What was found out about a request, for people: a verdict, and a line for each problem. */
export function diagnosisLines(diagnosis: Diagnosis, secrets: number): string[] {
  if (!diagnosis.verifies) {
    return [
      `${paint("red", "does not verify")}: a receiver refuses it as ${diagnosis.code}`,
      ...problemLines(diagnosis.problems),
    ];
  }
  const { type, deliveryId, sentAt, secretIndex } = diagnosis;
  const which = secrets === 1 ? "" : ` with secret ${secretIndex + 1} of ${secrets}`;
  return [
    `${paint("green", "verifies")}: ${toPrintable(type)} ${toPrintable(deliveryId)}, signed at ${sentAt.toISOString()}${which}`,
  ];
}

/** A line for each problem. */
export function problemLines(problems: readonly DiagnosisProblem[]): string[] {
  return problems.map(({ code, message }) => `  ${paint("yellow", code)}  ${toPrintable(message, Infinity)}`);
}

import type { Diagnosis, DiagnosisProblem } from "../../doctor/diagnosis.js";
import { toPrintable } from "../../to-printable.js";
import { paint } from "../output.js";

/** Formats a diagnosis: the verdict, and a line for each problem. */
export function diagnosisLines(diagnosis: Diagnosis, secrets: number): string[] {
  if (!diagnosis.verifies) {
    return [
      `${paint("red", "does not verify")}: receivers refuse it with ${diagnosis.code}`,
      ...problemLines(diagnosis.problems),
    ];
  }
  const { type, deliveryId, sentAt, secretIndex } = diagnosis;
  const which = secrets === 1 ? "" : ` with secret ${secretIndex + 1} of ${secrets}`;
  return [
    `${paint("green", "verifies")}: ${toPrintable(type)} ${toPrintable(deliveryId)}, signed at ${sentAt.toISOString()}${which}`,
  ];
}

/** Formats problems, one per line. */
export function problemLines(problems: readonly DiagnosisProblem[]): string[] {
  return problems.map(({ code, message }) => `  ${paint("yellow", code)}  ${toPrintable(message, Infinity)}`);
}

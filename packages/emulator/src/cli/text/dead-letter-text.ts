import type { DeadLetter, InboxStats } from "@ahasend-webhooks/core";

import { formatDuration } from "../../doctor/format-duration.js";
import { toPrintable } from "../../to-printable.js";
import { paint } from "../output.js";
import { bodyText } from "./body-text.js";

const HEADINGS = ["id", "type", "received", "attempts", "error"];

/** Formats the state of an inbox in one line. */
export function statsText({ waiting, active, deadLetters, oldestSeconds }: InboxStats): string {
  return [
    `waiting ${waiting}`,
    `active ${active}`,
    deadLetters === 0 ? "dead letters 0" : paint("red", `dead letters ${deadLetters}`),
    ...(oldestSeconds === undefined ? [] : [`oldest ${formatDuration(oldestSeconds)}`]),
  ].join(" · ");
}

/** Returns the same for JSON output. */
export function statsData({ waiting, active, deadLetters, oldestSeconds }: InboxStats): object {
  return { kind: "stats", waiting, active, deadLetters, oldestSeconds: oldestSeconds ?? null };
}

/** Formats dead letters as a table, one per line. */
export function deadLetterLines(letters: readonly DeadLetter[]): string[] {
  const rows = letters.map(({ id, type, receivedAt, attempts, error }) => [
    toPrintable(id),
    toPrintable(type, 40),
    toTime(receivedAt),
    String(attempts),
    toPrintable(error.split("\n", 1)[0] ?? ""),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const toLine = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [paint("dim", toLine(HEADINGS)), ...rows.map(toLine)];
}

/** Returns a dead letter for JSON output. */
export function deadLetterData({
  id,
  endpoint,
  deliveryId,
  type,
  attempts,
  error,
  receivedAt,
}: DeadLetter): object {
  return { kind: "deadLetter", id, endpoint, deliveryId, type, attempts, receivedAt, error };
}

/** Formats a dead letter with all that is known about it, and its body. */
export function inspectLines(letter: DeadLetter, rawBody: Uint8Array): string[] {
  const { id, endpoint, deliveryId, type, attempts, error, receivedAt } = letter;
  const facts = { id, endpoint, delivery: deliveryId, type, received: toTime(receivedAt), attempts };
  return [
    ...Object.entries(facts).map(([title, fact]) => `${title.padEnd(10)}${toPrintable(String(fact))}`),
    ...error
      .split("\n")
      .map((line, index) => `${(index === 0 ? "error" : "").padEnd(10)}${toPrintable(line, Infinity)}`),
    "",
    bodyText(Buffer.from(rawBody).toString()),
  ];
}

function toTime(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

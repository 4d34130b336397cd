import { createHash } from "node:crypto";

import type { DiagnosisProblem } from "./diagnosis.js";

/** A way in which bytes may have been altered. */
export interface Variation extends DiagnosisProblem {
  /** Returns what the bytes may have been before; returns nothing, or throws, if they cannot have been altered so. */
  undo: (bytes: Buffer) => readonly Buffer[];
}

/** Bytes as they may have been before they were altered, and the alterations. */
export interface Variant {
  bytes: Buffer;
  problems: readonly DiagnosisProblem[];
}

/**
 * Lists the bytes themselves, and what they may have been before they were altered, the fewest alterations first.
 *
 * @param depth the number of successive alterations to undo
 */
export function listVariants(bytes: Buffer, variations: readonly Variation[], depth: number): Variant[] {
  const all: Variant[] = [{ bytes, problems: [] }];
  const seen = new Set([digest(bytes)]);
  let last = all;
  for (let changes = 1; changes <= depth; changes += 1) {
    last = last.flatMap((variant) => undoEach(variant, variations));
    last = last.filter(({ bytes }) => {
      const hash = digest(bytes);
      return !seen.has(hash) && seen.add(hash);
    });
    all.push(...last);
  }
  return all;
}

function undoEach({ bytes, problems }: Variant, variations: readonly Variation[]): Variant[] {
  return variations.flatMap(({ code, message, undo }) =>
    undoOrNothing(() => undo(bytes)).map((undone) => ({
      bytes: undone,
      problems: [...problems, { code, message }],
    })),
  );
}

function undoOrNothing(undo: () => readonly Buffer[]): readonly Buffer[] {
  try {
    return undo();
  } catch {
    return [];
  }
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("base64");
}

import { createHash } from "node:crypto";

import type { DiagnosisProblem } from "./diagnosis.js";

/** A way in which bytes may have been changed, and how to undo it. */
export interface Variation extends DiagnosisProblem {
  /** What the bytes may have been before; nothing when that cannot have happened to them. May throw for the same reason. */
  undo: (bytes: Buffer) => readonly Buffer[];
}

/** What bytes may have been, and what has happened to them since. */
export interface Variant {
  bytes: Buffer;
  problems: readonly DiagnosisProblem[];
}

/**
 * The bytes themselves, and all they may have been before so many changes, the fewest first.
 *
 * @param depth how many changes in a row are undone
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

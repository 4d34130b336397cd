import { createHmac } from "node:crypto";

import { bodyVariations } from "./body-variations.js";
import type { DiagnosisProblem } from "./diagnosis.js";
import { secretVariations } from "./secret-variations.js";
import { parseSignatureEntries } from "./signature-entries.js";
import { listSignedPrefixes } from "./signed-prefixes.js";
import { listVariants } from "./variants.js";

/** A signature, and the parts of the request that it covers. */
export interface SignedContent {
  id: string;
  timestamp: string;
  signature: string;
  body: Buffer;
}

/** An explanation of a signature. */
export interface Match {
  /** The index of the secret, from 0. */
  secretIndex: number;
  /** The mistakes that were undone; empty when the signature is valid. */
  problems: readonly DiagnosisProblem[];
}

/** Hashing a larger body takes milliseconds each time: only single mistakes are undone there. */
const LARGE_BODY_BYTES = 1_000_000;

/** Finds the mistakes whose undoing makes the signature match, the fewest first. */
export function findMatch(
  { id, timestamp, signature, body }: SignedContent,
  secrets: readonly string[],
): Match | undefined {
  const [depth, maxProblems] = body.length > LARGE_BODY_BYTES ? [1, 1] : [2, 3];
  const entries = parseSignatureEntries(signature);
  const keys = secrets.flatMap((secret, secretIndex) =>
    listVariants(Buffer.from(secret), secretVariations, depth).map((variant) => ({
      ...variant,
      secretIndex,
    })),
  );
  const bodies = listVariants(body, bodyVariations, depth);
  const prefixes = listSignedPrefixes(id, timestamp);
  const candidates = keys.flatMap((key) =>
    prefixes.flatMap(({ prefix, problems }) =>
      bodies.map((body) => ({
        key: key.bytes,
        secretIndex: key.secretIndex,
        prefix,
        body: body.bytes,
        problems: [...key.problems, ...problems, ...body.problems],
      })),
    ),
  );
  const sorted = candidates
    .filter(({ problems }) => problems.length <= maxProblems)
    .toSorted((one, other) => one.problems.length - other.problems.length);
  for (const { key, prefix, body, problems, secretIndex } of sorted) {
    const digest = createHmac("sha256", key).update(prefix).update(body).digest();
    const entry = entries.find((entry) => entry.digest.equals(digest));
    if (entry !== undefined) return { secretIndex, problems: [...problems, ...entry.problems] };
  }
  return undefined;
}

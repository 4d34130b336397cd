import { createHmac } from "node:crypto";

import { bodyVariations } from "./body-variations.js";
import type { DiagnosisProblem } from "./diagnosis.js";
import { secretVariations } from "./secret-variations.js";
import { parseSignatureEntries } from "./signature-entries.js";
import { listSignedPrefixes } from "./signed-prefixes.js";
import { listVariants } from "./variants.js";

/** What is known of a signature. */
export interface SignedContent {
  id: string;
  timestamp: string;
  signature: string;
  body: Buffer;
}

/** How a signature was made after all. */
export interface Match {
  /** Which of the secrets, from 0. */
  secretIndex: number;
  /** What differs from what should be; nothing when the signature is right. */
  problems: readonly DiagnosisProblem[];
}

/** Larger bodies take milliseconds each time they are hashed: with them only single problems are looked for. */
const LARGE_BODY_BYTES = 1_000_000;

/** Looks for what makes the signature match, the fewest problems first. */
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
  const tries = keys.flatMap((key) =>
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
  const matches = tries
    .filter(({ problems }) => problems.length <= maxProblems)
    .toSorted((one, other) => one.problems.length - other.problems.length);
  for (const { key, prefix, body, problems, secretIndex } of matches) {
    const digest = createHmac("sha256", key).update(prefix).update(body).digest();
    const entry = entries.find((entry) => entry.digest.equals(digest));
    if (entry !== undefined) return { secretIndex, problems: [...problems, ...entry.problems] };
  }
  return undefined;
}

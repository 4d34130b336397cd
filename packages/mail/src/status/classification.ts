import { classifications } from "@ahasend-webhooks/core/contract";

/** The classifications that AhaSend documents. An open set: expect others. Source: the contract, "`data` of the message events". */
export const knownClassifications = classifications;

/** One of {@link knownClassifications}. */
export type KnownClassification = (typeof knownClassifications)[number];

/**
 * Returns whether a classification is one of the documented ones. Throws nothing.
 *
 * @example
 * if (isKnownClassification(classification)) counters[classification] += 1;
 */
export function isKnownClassification(classification: unknown): classification is KnownClassification {
  return knownClassifications.some((known) => known === classification);
}

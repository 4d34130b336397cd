import { caseSecret, signDelivery } from "@ahasend-webhooks/testing";

import { anonymizeEvent } from "./anonymize-event.js";
import type { Pseudonyms } from "./pseudonyms.js";

/** A delivery to anonymize. */
export interface IdentifiedDelivery {
  /** The header `webhook-id`. */
  id: string;
  body: string;
  /** Time of the attempt, in milliseconds since 1970. */
  at: number;
}

/**
 * Anonymizes a delivery, and signs it with the secret of test cases: nothing in it depends on the secret of the real
 * endpoint.
 */
export function anonymizeDelivery({ id, body, at }: IdentifiedDelivery, pseudonyms: Pseudonyms) {
  return signDelivery({
    secret: caseSecret,
    id: pseudonyms.id(id),
    event: anonymizeEvent(body, pseudonyms),
    at,
  });
}

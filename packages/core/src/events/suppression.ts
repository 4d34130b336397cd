import type { Envelope } from "./envelope.js";

/** An address that AhaSend no longer sends to, and why. A spam complaint has no event but this one. */
export interface SuppressionData {
  account_id: string;
  recipient: string;
  /** RFC 3339, with microseconds. */
  created_at: string;
  /**
   * RFC 3339, with microseconds: 30 days later for most bounces, 7 for temporary failures, 15 for expired messages,
   * practically forever for complaints. Never exactly so: milliseconds are missing or too many.
   */
  expires_at: string;
  /** An open set: `Too many hard bounces`, `Invalid Recipient`, `FBL Complaint Report` (a spam complaint, before August 2026 `FBL Abuse Report`), … */
  reason: string;
  sending_domain: string;
}

/** An address was put on the suppression list: by a bounce, perhaps before its event, a complaint, by hand or by API. */
export type SuppressionCreatedEvent = Envelope<"suppression.created", SuppressionData>;

import type { Envelope } from "./envelope.js";

/** An address that AhaSend no longer sends to, and why. */
export interface SuppressionData {
  account_id: string;
  recipient: string;
  /** RFC 3339. */
  created_at: string;
  /** RFC 3339; usually 30 days after `created_at`. */
  expires_at: string;
  reason: string;
  sending_domain: string;
}

/** An address was put on the suppression list. */
export type SuppressionCreatedEvent = Envelope<"suppression.created", SuppressionData>;

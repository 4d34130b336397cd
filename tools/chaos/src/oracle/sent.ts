import type { Fate } from "../content.js";

/** A delivery as the sender knows it. */
export interface Sent {
  id: string;
  fate: Fate;
  /** Its signature was wrong. */
  forged: boolean;
  /** One of its attempts got a 2xx reply. */
  acknowledged: boolean;
  /** Milliseconds of the sender's clock. */
  sentAt: number;
  /** When the sender knew that it was acknowledged. */
  acknowledgedAt?: number;
}

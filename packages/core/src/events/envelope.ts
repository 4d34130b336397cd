/**
 * The fields that every AhaSend event has around its data.
 *
 * Field names are AhaSend's own. AhaSend can add fields at any time; they are kept.
 */
export interface Envelope<Type extends string, Data> {
  type: Type;
  /** Time of the event: RFC 3339 with 0 to 9 fractional digits. A string, because nanoseconds do not fit a `Date`. */
  timestamp: string;
  /** The id of the configured webhook, not of this delivery (that is `context.deliveryId`). Absent in older deliveries. */
  webhook_id?: string;
  data: Data;
}

/**
 * What every AhaSend event has around its data.
 *
 * Names are those of the wire. Fields that are not listed can appear at any time and are kept.
 */
export interface Envelope<Type extends string, Data> {
  type: Type;
  /** When it happened: RFC 3339 with 0 to 9 fractional digits. A string, because nanoseconds do not fit a `Date`. */
  timestamp: string;
  /** The id of the configured webhook, not of this delivery (that is `context.deliveryId`). Absent in older deliveries. */
  webhook_id?: string;
  data: Data;
}

import type { Envelope } from "./envelope.js";

/** An inbound e-mail. All strings come from a stranger: escape them before you display them. */
export interface RoutingData {
  /** The id of this delivery's e-mail: another one for each recipient and route. */
  id: string;
  /** A mailbox, perhaps with a name. */
  from: string;
  /** The one address that the route matched, also of a blind copy; the header `To` if the route groups by message id. */
  to: string;
  subject: string;
  /** The same for all recipients and routes: deduplicate by it to handle each e-mail once. */
  message_id: string;
  /** Size of the e-mail in bytes. */
  size: number;
  /** `true` for a bounce report. */
  bounce: boolean;
  html_body: string;
  plain_body: string;
  /** The part of `plain_body` above the quoted original. */
  reply_from_plain_body: string;
  /** Attachments, then embedded files, then other parts with a file name. `null` or empty if there are none. */
  attachments: RoutingAttachment[] | null;
  /** The header, may be empty or hold several addresses. Absent in older deliveries, like the six below. */
  reply_to?: string;
  /** Below 0 and above 10 occur; 0 means not checked. Absent in older deliveries. */
  spam_score?: number;
  cc?: string;
  date?: string;
  in_reply_to?: string;
  references?: string;
  auto_submitted?: string;
  /** All headers, if the route is set to send them: Go's names (`Message-Id`), one value each. The sender of the e-mail chooses the names: check with `Object.hasOwn`. */
  headers?: Record<string, string>;
}

/** A file that came with an inbound e-mail. */
export interface RoutingAttachment {
  /** As the sender of the e-mail wrote it: never use it as a path. */
  filename: string;
  content_type: string;
  /**
   * Set for an image embedded in `html_body`; empty or absent for a real attachment. Without angle brackets, and
   * percent-decoded with `+` as a space: decode the `cid:` URLs of `html_body` alike.
   */
  content_id?: string;
  /** Lower-case, any string: often `attachment`, `inline` or empty. Unknown ones mean attachment. */
  disposition?: string;
  /** The content in base64. */
  data: string;
}

/** An inbound e-mail matched a route. Deliveries of the deprecated name `route.message` arrive as this type. */
export type MessageRoutingEvent = Omit<Envelope<"message.routing", RoutingData>, "webhook_id"> & {
  /** The id of the configured route. Absent in older deliveries. */
  route_id?: string;
};

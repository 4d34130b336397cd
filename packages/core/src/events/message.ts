import type { Envelope } from "./envelope.js";

/** Data of every message event. */
export interface MessageData<Event extends string> {
  account_id: string;
  event: Event;
  /** An address, or `Name <address>` for campaign messages: do not validate it as an address. */
  from: string;
  recipient: string;
  subject: string;
  /**
   * The `Message-ID` header, angle brackets included: the `id` that the send API returned. Correlate the events of an
   * e-mail by it and `recipient`.
   */
  message_id_header: string;
  /** Unrelated to `message_id_header`, 32 hexadecimal digits: do not correlate by it. */
  id: string;
  /**
   * `true` if a machine opened or clicked; on other events it means nothing. Absent in older deliveries, which means
   * unknown.
   */
  is_bot?: boolean;
  /** May be empty. */
  user_agent?: string;
  ip?: string;
  /**
   * The SMTP conversation behind the event, on `message.delivered`, `message.bounced` and `message.transient_error`, if
   * one was recorded; absent and `null` mean the same.
   */
  delivery_attempt?: DeliveryAttempt | null;
}

/** Response of the recipient's server. */
export interface DeliveryAttempt {
  /** 0 if not recorded: compare it, do not test it for truth. */
  smtp_code: number;
  /**
   * The reason of a failure. An open set, so far: InvalidRecipient, BadDomain, InactiveMailbox, InvalidSender,
   * QuotaIssues, NoAnswerFromHost, BadConnection, DNSFailure, RoutingErrors, TransientFailure, MessageExpired,
   * ProtocolErrors, AuthenticationFailed, PolicyRelated, Uncategorized.
   */
  classification?: string;
  /** For example `5.1.1` (RFC 3463). */
  enhanced_status_code?: string;
  /** Contains addresses: do not log or parse it. `smtp_code`, `classification` and `command` are safe. */
  response?: string;
  /** Contains addresses, as `response` does. */
  description?: string;
  /** The SMTP command that got this response: `RCPT TO`, `DATA`, … */
  command?: string;
}

/** Data of a click: also the target of the link and who followed it. */
export interface ClickData extends MessageData<"on_clicked"> {
  url: string;
  user_agent: string;
  ip: string;
  delivery_attempt?: never;
}

/** Accepted and queued, inbound or outbound; always the first event of a message, though not always the first to arrive. */
export type MessageReceptionEvent = Envelope<"message.reception", MessageData<"on_reception">>;
/** Accepted by the recipient's server. */
export type MessageDeliveredEvent = Envelope<"message.delivered", MessageData<"on_delivered">>;
/** Deferred; AhaSend will retry. */
export type MessageTransientErrorEvent = Envelope<
  "message.transient_error",
  MessageData<"on_transient_error">
>;
/** The retry window is exhausted (before August 2026 `message.bounced` for campaigns), or the message expired. Never has a `delivery_attempt`. */
export type MessageFailedEvent = Envelope<"message.failed", MessageData<"on_failed">>;
/** Permanently rejected, or a bounce report hours after `message.delivered` (then without `delivery_attempt`). */
export type MessageBouncedEvent = Envelope<"message.bounced", MessageData<"on_bounced">>;
/** Not sent: the recipient is on the suppression list. */
export type MessageSuppressedEvent = Envelope<"message.suppressed", MessageData<"on_suppressed">>;
/** The tracking pixel was loaded. */
export type MessageOpenedEvent = Envelope<"message.opened", MessageData<"on_opened">>;
/** A tracked link was followed. */
export type MessageClickedEvent = Envelope<"message.clicked", ClickData>;

/** Any of the eight events about one e-mail. */
export type AhaSendMessageEvent =
  | MessageReceptionEvent
  | MessageDeliveredEvent
  | MessageTransientErrorEvent
  | MessageFailedEvent
  | MessageBouncedEvent
  | MessageSuppressedEvent
  | MessageOpenedEvent
  | MessageClickedEvent;

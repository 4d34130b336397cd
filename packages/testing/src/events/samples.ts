import type { AhaSendEventOf, AhaSendEventType } from "@ahasend-webhooks/core";

/** The data of an event, without the fields that are new for each event. */
type Sample<Type extends AhaSendEventType> = Omit<
  AhaSendEventOf<Type>["data"],
  "id" | "message_id_header" | "message_id"
>;

const message = {
  account_id: "835d2a9f-2c7e-4e8f-96f6-5b7d4b8521aa",
  from: "Acme Billing <billing@acme.example>",
  recipient: "ada@customer.example",
  subject: "Your invoice for July — 2 items",
  is_bot: false,
};

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

/** One realistic sample of each event type. */
export const samples: { readonly [Type in AhaSendEventType]: Sample<Type> } = {
  "message.reception": { ...message, event: "on_reception" },
  "message.delivered": {
    ...message,
    event: "on_delivered",
    delivery_attempt: {
      smtp_code: 250,
      enhanced_status_code: "2.0.0",
      response: "OK: queued as 4XyZ12",
      command: "DATA",
    },
  },
  "message.transient_error": {
    ...message,
    event: "on_transient_error",
    delivery_attempt: {
      classification: "QuotaIssues",
      smtp_code: 452,
      enhanced_status_code: "4.2.2",
      response: "The recipient's inbox is out of storage space",
      command: "RCPT TO",
    },
  },
  "message.failed": { ...message, event: "on_failed" },
  "message.bounced": {
    ...message,
    event: "on_bounced",
    delivery_attempt: {
      classification: "InvalidRecipient",
      smtp_code: 550,
      enhanced_status_code: "5.1.1",
      response: "<ada@customer.example>: Recipient address rejected: User unknown",
      command: "RCPT TO",
    },
  },
  "message.suppressed": { ...message, event: "on_suppressed" },
  "message.opened": { ...message, event: "on_opened", user_agent: browser, ip: "203.0.113.7" },
  "message.clicked": {
    ...message,
    event: "on_clicked",
    url: "https://acme.example/invoices?year=2026&month=7",
    user_agent: browser,
    ip: "203.0.113.7",
  },
  "suppression.created": {
    account_id: message.account_id,
    recipient: message.recipient,
    created_at: "2026-07-14T15:03:21.451529Z",
    expires_at: "2026-08-13T15:03:21.448213Z",
    reason: "Too many hard bounces",
    sending_domain: "acme.example",
  },
  "domain.dns_error": {
    domain: "acme.example",
    account_id: message.account_id,
    spf_valid: true,
    dkim_valid: false,
    dmarc_valid: true,
    dns_last_checked_at: "2026-07-14T15:03:20Z",
  },
  "message.routing": {
    from: "Ada Lovelace <ada@customer.example>",
    reply_to: "",
    to: "support@acme.example",
    subject: "Re: Your invoice for July",
    size: 2438,
    spam_score: 0.4,
    bounce: false,
    cc: "",
    date: "Tue, 14 Jul 2026 17:03:19 +0200",
    in_reply_to: "<invoice-7@acme.example>",
    references: "<invoice-7@acme.example>",
    auto_submitted: "",
    html_body: "<p>Thank you & best wishes</p><blockquote>Your invoice …</blockquote>",
    plain_body: "Thank you & best wishes\n\n> Your invoice …",
    reply_from_plain_body: "Thank you & best wishes",
    attachments: [
      {
        filename: "receipt.txt",
        content_type: "text/plain",
        content_id: "",
        disposition: "attachment",
        data: "UGFpZCBvbiAxNCBKdWx5IDIwMjYK",
      },
    ],
    headers: {
      "Content-Type": "multipart/mixed; boundary=a1b2c3",
      Date: "Tue, 14 Jul 2026 17:03:19 +0200",
      From: "Ada Lovelace <ada@customer.example>",
      "In-Reply-To": "<invoice-7@acme.example>",
      "Mime-Version": "1.0",
      Subject: "Re: Your invoice for July",
      To: "support@acme.example",
      "X-Customer-Id": message.account_id,
    },
  },
};

/** The order of fields in AhaSend's JSON. Fields that are not listed come last. */
export const fieldOrder = {
  envelope: ["type", "timestamp", "webhook_id", "route_id", "data"],
  message: [
    "account_id",
    "event",
    "from",
    "recipient",
    "subject",
    "message_id_header",
    "url",
    "user_agent",
    "ip",
    "is_bot",
    "id",
    "delivery_attempt",
  ],
  attempt: ["classification", "smtp_code", "enhanced_status_code", "response", "description", "command"],
  suppression: ["account_id", "recipient", "created_at", "expires_at", "reason", "sending_domain"],
  domain: ["domain", "account_id", "spf_valid", "dkim_valid", "dmarc_valid", "dns_last_checked_at"],
  routing: [
    "id",
    "from",
    "reply_to",
    "to",
    "subject",
    "message_id",
    "size",
    "spam_score",
    "bounce",
    "cc",
    "date",
    "in_reply_to",
    "references",
    "auto_submitted",
    "html_body",
    "plain_body",
    "reply_from_plain_body",
    "attachments",
    "headers",
  ],
  attachment: ["filename", "content_type", "content_id", "disposition", "data"],
} as const;

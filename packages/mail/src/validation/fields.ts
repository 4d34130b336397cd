import type { AhaSendEventType } from "@ahasend-webhooks/core";

/**
 * The type of a field: `?` after it for one that may be absent, `|null` for one that may also be `null`. A string with `=` before
 * it is that very string.
 */
export type FieldType =
  | "string"
  | "string?"
  | "number"
  | "number?"
  | "boolean"
  | "boolean?"
  | "strings?"
  | `=${string}`;

/** Documented fields by name. */
export interface Fields {
  readonly [name: string]: FieldType | ObjectField | ListField;
}

/** An object that may be absent or `null`. */
export interface ObjectField {
  readonly optionalObject: Fields;
}

/** A list of objects, or `null`. */
export interface ListField {
  readonly nullableList: Fields;
}

const attempt = {
  smtp_code: "number",
  classification: "string?",
  enhanced_status_code: "string?",
  response: "string?",
  description: "string?",
  command: "string?",
} as const satisfies Fields;

const message = {
  account_id: "string",
  from: "string",
  recipient: "string",
  subject: "string",
  message_id_header: "string",
  id: "string",
  is_bot: "boolean?",
} as const satisfies Fields;

const outcome = {
  ...message,
  user_agent: "string?",
  ip: "string?",
  delivery_attempt: { optionalObject: attempt },
} as const satisfies Fields;

const attachment = {
  filename: "string",
  content_type: "string",
  content_id: "string?",
  disposition: "string?",
  data: "string",
} as const satisfies Fields;

/** The documented fields of `data`, by event type. */
export const dataFields = {
  "message.reception": { ...outcome, event: "=on_reception" },
  "message.delivered": { ...outcome, event: "=on_delivered" },
  "message.transient_error": { ...outcome, event: "=on_transient_error" },
  "message.failed": { ...outcome, event: "=on_failed" },
  "message.bounced": { ...outcome, event: "=on_bounced" },
  "message.suppressed": { ...outcome, event: "=on_suppressed" },
  "message.opened": { ...outcome, event: "=on_opened" },
  "message.clicked": { ...message, event: "=on_clicked", url: "string", user_agent: "string", ip: "string" },
  "suppression.created": {
    account_id: "string",
    recipient: "string",
    created_at: "string",
    expires_at: "string",
    reason: "string",
    sending_domain: "string",
  },
  "domain.dns_error": {
    domain: "string",
    account_id: "string",
    spf_valid: "boolean",
    dkim_valid: "boolean",
    dmarc_valid: "boolean",
    dns_last_checked_at: "string",
  },
  "message.routing": {
    id: "string",
    from: "string",
    to: "string",
    subject: "string",
    message_id: "string",
    size: "number",
    bounce: "boolean",
    html_body: "string",
    plain_body: "string",
    reply_from_plain_body: "string",
    attachments: { nullableList: attachment },
    reply_to: "string?",
    spam_score: "number?",
    cc: "string?",
    date: "string?",
    in_reply_to: "string?",
    references: "string?",
    auto_submitted: "string?",
    headers: "strings?",
  },
} as const satisfies Record<AhaSendEventType, Fields>;

/** The fields around `data`, of all types. */
export const envelopeFields = {
  type: "string",
  timestamp: "string",
  webhook_id: "string?",
  route_id: "string?",
} as const satisfies Fields;

/** The TypeScript type of the fields in a table. A type test compares it with the event types of the core. */
export type FromFields<Table extends Fields> = Flatten<
  {
    -readonly [Name in keyof Table as IsOptional<Table[Name]> extends true ? never : Name]: ToType<
      Table[Name]
    >;
  } & {
    -readonly [Name in keyof Table as IsOptional<Table[Name]> extends true ? Name : never]?: ToType<
      Table[Name]
    >;
  }
>;

type Flatten<Type> = { [Name in keyof Type]: Type[Name] };

type IsOptional<Field> = Field extends `=${string}`
  ? false
  : Field extends `${string}?` | ObjectField
    ? true
    : false;

type ToType<Field> = Field extends `=${infer Literal}`
  ? Literal
  : Field extends "strings?"
    ? Record<string, string>
    : Field extends "string" | "string?"
      ? string
      : Field extends "number" | "number?"
        ? number
        : Field extends "boolean" | "boolean?"
          ? boolean
          : Field extends { readonly optionalObject: infer Table extends Fields }
            ? FromFields<Table> | null
            : Field extends { readonly nullableList: infer Table extends Fields }
              ? FromFields<Table>[] | null
              : never;

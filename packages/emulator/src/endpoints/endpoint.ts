import type { EndpointOverride } from "./endpoint-override.js";

/** The switches of a webhook, one per event type, by the names of the dashboard. */
export const switches = {
  "message.reception": "on_reception",
  "message.delivered": "on_delivered",
  "message.transient_error": "on_transient_error",
  "message.failed": "on_failed",
  "message.bounced": "on_bounced",
  "message.suppressed": "on_suppressed",
  "message.opened": "on_opened",
  "message.clicked": "on_clicked",
  "suppression.created": "on_suppression_created",
  "domain.dns_error": "on_dns_error",
} as const;

/** The name of a switch: `on_bounced`. */
export type WebhookSwitch = (typeof switches)[keyof typeof switches];

/** What webhooks and routes have in common. */
interface Common {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** Off after more than 100 failed attempts in a row, until it is enabled again. */
  readonly enabled: boolean;
  readonly secret: string;
  /** What deliveries meet on their way; nothing as a rule. Not the dashboard's: see {@link Endpoints.override}. */
  readonly override: EndpointOverride | null;
  readonly success_count: number;
  /** Failed attempts, retries counted. */
  readonly error_count: number;
  readonly errors_since_last_success: number;
  /** When the last attempt began: RFC 3339. */
  readonly last_request_at: string | null;
}

/** A webhook: gets the events about the e-mails you send. */
export type Webhook = Common & {
  readonly kind: "webhook";
  /** `scoped` gets the events of `domains` only. */
  readonly scope: "global" | "scoped";
  readonly domains: readonly string[];
} & { readonly [Name in WebhookSwitch]: boolean };

/** A route: gets the e-mails sent to you. */
export type InboundRoute = Common & {
  readonly kind: "route";
  /** Whose mail it gets; `*` stands for any text: `support@example.com`, `*@example.com`. */
  readonly recipient: string;
  /** Whether attachments are sent along. */
  readonly attachments: boolean;
  /** Whether the headers of the e-mail are sent along. */
  readonly headers: boolean;
  /** Kept and shown; changes nothing here. */
  readonly group_by_message_id: boolean;
  /** Kept and shown; changes nothing here. */
  readonly strip_replies: boolean;
};

/** Where events are delivered, as the dashboard knows it. An object lives: its counters change as attempts are made. */
export type Endpoint = Webhook | InboundRoute;

/** What is not for the user to set. */
type ManagedField = "kind" | "id" | "override" | keyof typeof initialCounters;

/** What can be changed about a webhook. */
export type WebhookChanges = Partial<Omit<Webhook, ManagedField>>;
/** What can be changed about a route. */
export type InboundRouteChanges = Partial<Omit<InboundRoute, ManagedField>>;
/** What makes a webhook: its URL, and what shall differ from the defaults (all switches on, global, a new secret). */
export type WebhookInput = WebhookChanges & { kind?: "webhook"; url: string };
/** What makes a route: its URL, and what shall differ from the defaults (all recipients, everything sent along). */
export type InboundRouteInput = InboundRouteChanges & { kind: "route"; url: string };

/** The fields that a user may set, with their defaults. */
export const defaults = {
  webhook: {
    name: "",
    url: "",
    enabled: true,
    secret: "",
    ...(Object.fromEntries(Object.values(switches).map((name) => [name, true])) as Record<
      WebhookSwitch,
      boolean
    >),
    scope: "global",
    domains: [],
  },
  route: {
    name: "",
    url: "",
    enabled: true,
    secret: "",
    recipient: "*",
    attachments: true,
    headers: true,
    group_by_message_id: false,
    strip_replies: false,
  },
} satisfies { webhook: Omit<Webhook, ManagedField>; route: Omit<InboundRoute, ManagedField> };

/** The counters of an endpoint to which nothing has been sent yet. */
export const initialCounters = {
  success_count: 0,
  error_count: 0,
  errors_since_last_success: 0,
  last_request_at: null,
} as const;

/** An endpoint as its owner sees it. */
export type Mutable<Type> = Type extends unknown ? { -readonly [Name in keyof Type]: Type[Name] } : never;

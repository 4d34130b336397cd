import type { EndpointOverride } from "./endpoint-override.js";

/** The switches of a webhook, one per event type, named as in the dashboard. */
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

/** Common fields of webhooks and inbound routes. */
interface EndpointBase {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** `false` after more than 100 failed attempts in a row, until it is enabled again. */
  readonly enabled: boolean;
  readonly secret: string;
  /** Pauses, fails or slows down deliveries; not part of the dashboard. See {@link Endpoints.override}. */
  readonly override: EndpointOverride | null;
  readonly success_count: number;
  /** Failed attempts, retries included. */
  readonly error_count: number;
  readonly errors_since_last_success: number;
  /** Start of the last attempt: RFC 3339. */
  readonly last_request_at: string | null;
}

/** A webhook: gets events about the e-mails you send. */
export type Webhook = EndpointBase & {
  readonly kind: "webhook";
  /** `scoped`: only events of `domains`. */
  readonly scope: "global" | "scoped";
  readonly domains: readonly string[];
} & { readonly [Name in WebhookSwitch]: boolean };

/** An inbound route: gets the e-mails sent to you. */
export type InboundRoute = EndpointBase & {
  readonly kind: "route";
  /** Recipients whose mail it gets; `*` matches any characters. A whole address or a local part: `*@example.com`, `support`. */
  readonly recipient: string;
  /** Include attachments. */
  readonly attachments: boolean;
  /** Include the headers of the e-mail. */
  readonly headers: boolean;
  /** One delivery per e-mail, with the header `To` in `to`; off: one per address that matches, with that address. */
  readonly group_by_message_id: boolean;
  /** Cut the quoted part from the bodies. */
  readonly strip_replies: boolean;
};

/** An endpoint, with the fields of the dashboard. The object is live: its counters change as attempts are made. */
export type Endpoint = Webhook | InboundRoute;

/** Fields that the user cannot set. */
type ManagedField = "kind" | "id" | "override" | keyof typeof initialCounters;

/** Changes of a webhook. */
export type WebhookChanges = Partial<Omit<Webhook, ManagedField>>;
/** Changes of an inbound route. */
export type InboundRouteChanges = Partial<Omit<InboundRoute, ManagedField>>;
/** A webhook to create: its URL, and what differs from the defaults (all switches on, global, a new secret; AhaSend's API has the switches off, and requires a scope). */
export type WebhookInput = WebhookChanges & { kind?: "webhook"; url: string };
/** An inbound route to create: its URL, and what differs from the defaults (all recipients, everything included). */
export type InboundRouteInput = InboundRouteChanges & { kind: "route"; url: string };

/** The fields that the user can set, with their defaults. */
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

/** The counters of an endpoint before its first attempt. */
export const initialCounters = {
  success_count: 0,
  error_count: 0,
  errors_since_last_success: 0,
  last_request_at: null,
} as const;

/** An endpoint as the emulator changes it. */
export type Mutable<Type> = Type extends unknown ? { -readonly [Name in keyof Type]: Type[Name] } : never;

import type { AhaSendEvent } from "@ahasend-webhooks/core";
import type { EventOverrides } from "@ahasend-webhooks/testing";

type StepType = Exclude<AhaSendEvent["type"], "domain.dns_error">;

/** An event of a course. */
export type Step = {
  [Type in StepType]: {
    type: Type;
    /** Milliseconds since the event before. @default 1000 */
    afterMs?: number;
    data?: EventOverrides<Type>["data"];
    /** Repeated as often as the option `transientErrors` asks for. */
    isRepeated?: boolean;
    /** Length of a suppression. */
    days?: number;
  };
}[StepType];

const HOUR_MS = 3_600_000;
/** A century: practically forever. */
const FOREVER_DAYS = 36_500;

const received = { type: "message.reception" } as const;
const delivered = { type: "message.delivered" } as const;
const bounced = { type: "message.bounced" } as const;
const failed = { type: "message.failed" } as const;
const deferred = { type: "message.transient_error" } as const;
const inbound = { type: "message.routing" } as const;

const createSuppression = (reason: string, days: number) =>
  ({ type: "suppression.created", data: { reason }, days }) as const;

const hardBounce = createSuppression("Too many hard bounces", 30);

/** The events of each lifecycle, as AhaSend sends them. */
export const courses = {
  delivered: [received, delivered, { type: "message.opened" }, { type: "message.clicked" }],
  bounced: [received, bounced, hardBounce],
  /** A live capture had these 4 ms apart, the suppression first. */
  suppression_first: [received, hardBounce, { ...bounced, afterMs: 4 }],
  /** A bounce report has no SMTP conversation of AhaSend's own. */
  late_bounce: [
    received,
    delivered,
    { ...bounced, afterMs: 3 * HOUR_MS, data: { delivery_attempt: undefined } },
  ],
  complained: [
    received,
    delivered,
    { ...createSuppression("FBL Complaint Report", FOREVER_DAYS), afterMs: HOUR_MS },
  ],
  deferred: [received, { ...deferred, isRepeated: true }, delivered],
  failed: [received, { ...deferred, isRepeated: true }, failed, createSuppression("Transient Failure", 7)],
  expired: [
    received,
    { ...deferred, data: { delivery_attempt: { classification: "MessageExpired", smtp_code: 0 } } },
    failed,
    createSuppression("Message Expired", 15),
  ],
  suppressed: [received, { type: "message.suppressed" }],
  sandbox_deliver: [received, delivered],
  sandbox_bounce: [received, bounced],
  sandbox_defer: [received, deferred],
  sandbox_fail: [received, failed],
  sandbox_suppress: [received, { type: "message.suppressed" }],
  inbound: [received, inbound],
  /** One e-mail to two addresses: a delivery for each address and route that match. */
  inbound_twice: [received, inbound],
  /** "Send test event" of a webhook, and of an inbound route. */
  test: [delivered, inbound],
} as const satisfies Record<string, readonly Step[]>;

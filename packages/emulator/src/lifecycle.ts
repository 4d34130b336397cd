import { randomUUID } from "node:crypto";

import type { AhaSendEvent } from "@ahasend-webhooks/core";
import { createEvent } from "@ahasend-webhooks/testing";

/** The course of an e-mail. */
export type Lifecycle = keyof typeof steps;

/** Options of {@link lifecycle}. */
export interface LifecycleOptions {
  /** @default "Acme Billing <billing@acme.example>"; for `inbound` a customer */
  from?: string;
  /** @default "ada@customer.example"; for `inbound` "support@acme.example" */
  recipient?: string;
  subject?: string;
  /** Number of transient errors in `deferred` and `failed`. @default 2 */
  transientErrors?: number;
  /** Time of the first event: milliseconds since 1970. The events are a second apart. @default now */
  at?: number;
}

type Step = Exclude<AhaSendEvent["type"], "domain.dns_error">;

/** The events of each lifecycle; `message.transient_error` is repeated as often as requested. */
const steps = {
  delivered: ["message.reception", "message.delivered", "message.opened", "message.clicked"],
  bounced: ["message.reception", "message.bounced", "suppression.created"],
  deferred: ["message.reception", "message.transient_error", "message.delivered"],
  failed: ["message.reception", "message.transient_error", "message.failed", "suppression.created"],
  suppressed: ["message.reception", "message.suppressed"],
  inbound: ["message.reception", "message.routing"],
} as const satisfies Record<string, readonly Step[]>;

/** The names of all lifecycles. */
export const lifecycles = Object.keys(steps) as readonly Lifecycle[];

const SUPPRESSED_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Returns the events of one e-mail in order, with the same message id, sender, recipient and subject.
 *
 * @throws {TypeError} for an unknown name or an invalid number of errors
 *
 * @example
 * for (const event of lifecycle("bounced", { recipient: "gone@example.com" })) emulator.emit(event);
 */
export function lifecycle(name: Lifecycle, options: LifecycleOptions = {}): AhaSendEvent[] {
  if (!Object.hasOwn(steps, name)) {
    throw new TypeError(`${JSON.stringify(name)} is not a lifecycle: use one of ${lifecycles.join(", ")}.`);
  }
  const { transientErrors = 2, at = Date.now() } = options;
  if (!Number.isInteger(transientErrors) || transientErrors < 0) {
    throw new TypeError("transientErrors must be a whole number of 0 or more.");
  }
  const mail = createMail(name, options);
  return steps[name]
    .flatMap((type) => (type === "message.transient_error" ? Array<Step>(transientErrors).fill(type) : type))
    .map((type, index) => createStepEvent(type, name, mail, at + index * 1000));
}

interface Mail {
  id: string;
  messageId: string;
  from: string;
  recipient: string;
  subject: string;
}

function createMail(name: Lifecycle, { from, recipient, subject }: LifecycleOptions): Mail {
  const id = randomUUID();
  const [customer, company] = ["Ada Lovelace <ada@customer.example>", "Acme Billing <billing@acme.example>"];
  const isInbound = name === "inbound";
  const sender = from ?? (isInbound ? customer : company);
  return {
    id,
    messageId: `<${id}@${parseDomain(sender)}>`,
    from: sender,
    recipient: recipient ?? (isInbound ? "support@acme.example" : "ada@customer.example"),
    subject: subject ?? (isInbound ? "Re: Your invoice for July" : "Your invoice for July — 2 items"),
  };
}

function createStepEvent(type: Step, name: Lifecycle, mail: Mail, time: number): AhaSendEvent {
  const timestamp = rfc3339(time);
  const { id, messageId, from, recipient, subject } = mail;
  if (type === "suppression.created") {
    const expires_at = rfc3339(time + SUPPRESSED_DAYS * DAY_MS);
    const reason = name === "failed" ? "delivery failed" : "hard bounce";
    const data = { recipient, created_at: timestamp, expires_at, reason, sending_domain: parseDomain(from) };
    return createEvent(type, { timestamp, data });
  }
  if (type === "message.routing") {
    return createEvent(type, {
      timestamp,
      data: { id, message_id: messageId, from, to: recipient, subject },
    });
  }
  const data = { id, message_id_header: messageId, from, recipient, subject };
  return createEvent(type, { timestamp, data });
}

function parseDomain(mailbox: string): string {
  return /@([^@<>\s]+)>?\s*$/.exec(mailbox)?.[1] ?? "example.com";
}

function rfc3339(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

import type { AhaSendEvent, AhaSendMessageEvent } from "@ahasend-webhooks/core";
import { createEvent, createEventId, createMessageId } from "@ahasend-webhooks/testing";

import { type Step, courses } from "./courses.js";

/** The course of an e-mail. */
export type Lifecycle = keyof typeof courses;

/** Options of {@link lifecycle}. */
export interface LifecycleOptions {
  /** @default "Acme Billing <billing@acme.example>"; for inbound e-mails a customer */
  from?: string;
  /**
   * For inbound e-mails the header `To`: an inbound route gets a delivery for each address in it that matches.
   * @default "ada@customer.example"; for inbound e-mails "support@acme.example", and a second one for `inbound_twice`
   */
  recipient?: string;
  subject?: string;
  /** Number of transient errors in `deferred` and `failed`. @default 2 */
  transientErrors?: number;
  /** Time of the first event: milliseconds since 1970. @default the last event happens now */
  at?: number;
}

/** The names of all lifecycles. */
export const lifecycles = Object.keys(courses) as readonly Lifecycle[];

const DAY_MS = 86_400_000;
const EXPIRY_DRIFT_MS = 3;

/**
 * Returns the events of one e-mail in order, with the same message id, sender, recipient and subject.
 *
 * @throws {TypeError} for an unknown name or an invalid number of errors
 *
 * @example
 * for (const event of lifecycle("bounced", { recipient: "gone@example.com" })) emulator.emit(event);
 */
export function lifecycle(name: Lifecycle, options: LifecycleOptions = {}): AhaSendEvent[] {
  if (!Object.hasOwn(courses, name)) {
    throw new TypeError(`${JSON.stringify(name)} is not a lifecycle: use one of ${lifecycles.join(", ")}.`);
  }
  const { transientErrors = 2 } = options;
  if (!Number.isInteger(transientErrors) || transientErrors < 0) {
    throw new TypeError("transientErrors must be a whole number of 0 or more.");
  }
  const steps: readonly Step[] = courses[name].flatMap((step: Step) =>
    step.isRepeated === true ? Array<Step>(transientErrors).fill(step) : step,
  );
  const offsets = sumOffsets(steps);
  const { at = Date.now() - (offsets.at(-1) ?? 0) } = options;
  const mail = createMail(name, options);
  return steps.map((step, index) => createStepEvent(step, mail, at + (offsets[index] ?? 0)));
}

/** Returns when each step happens: milliseconds after the first. */
function sumOffsets(steps: readonly Step[]): number[] {
  let offset = 0;
  return steps.map(({ afterMs = 1000 }, index) => (offset += index === 0 ? 0 : afterMs));
}

interface Mail {
  id: string;
  messageId: string;
  from: string;
  to: string;
  /** The first address in `to`. */
  recipient: string;
  subject: string;
}

function createMail(
  name: Lifecycle,
  { from, recipient: to = defaultRecipient(name), subject }: LifecycleOptions,
): Mail {
  const [customer, company] = ["Ada Lovelace <ada@customer.example>", "Acme Billing <billing@acme.example>"];
  const isInbound = name === "inbound" || name === "inbound_twice";
  const sender = from ?? (isInbound ? customer : company);
  return {
    id: createEventId(),
    messageId: createMessageId(parseDomain(sender)),
    from: sender,
    to,
    recipient: isInbound ? (to.split(",")[0] ?? to) : to,
    subject: subject ?? (isInbound ? "Re: Your invoice for July" : "Your invoice for July — 2 items"),
  };
}

function defaultRecipient(name: Lifecycle): string {
  if (name === "inbound") return "support@acme.example";
  return name === "inbound_twice" ? "support@acme.example, sales@acme.example" : "ada@customer.example";
}

function createStepEvent(step: Step, mail: Mail, time: number): AhaSendEvent {
  const { id, messageId, from, to, recipient, subject } = mail;
  if (step.type === "suppression.created") {
    const { data, days = 0 } = step;
    const timestamp = toMicroseconds(time);
    // Never exactly `days`, as AhaSend reads its clock twice.
    const expires_at = toMicroseconds(time + days * DAY_MS - EXPIRY_DRIFT_MS);
    const suppression = { recipient, created_at: timestamp, expires_at, sending_domain: parseDomain(from) };
    return createEvent(step.type, { timestamp, data: { ...suppression, ...data } });
  }
  if (step.type === "message.routing") {
    const data = { id, message_id: messageId, from, to, subject, ...step.data };
    return createEvent(step.type, { timestamp: toSeconds(time), data });
  }
  const data = { id, message_id_header: messageId, from, recipient, subject, ...step.data };
  return createEvent<AhaSendMessageEvent["type"]>(step.type, { timestamp: toSeconds(time), data });
}

function parseDomain(mailbox: string): string {
  return /@([^@<>\s]+)>?\s*$/.exec(mailbox)?.[1] ?? "example.com";
}

/** Returns RFC 3339 with whole seconds, as in message events. */
function toSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Returns RFC 3339 with microseconds, as in suppressions. */
function toMicroseconds(time: number): string {
  return new Date(time).toISOString().replace("Z", "529Z");
}

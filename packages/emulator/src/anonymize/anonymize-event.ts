import { classifications } from "@ahasend-webhooks/core/contract";
import { serialize } from "@ahasend-webhooks/testing";

import { anonymizeHeaders } from "./anonymize-headers.js";
import { anonymizeAttachment, anonymizeHtmlBody, anonymizePlainBody } from "./anonymize-mail.js";
import type { Pseudonyms } from "./pseudonyms.js";
import { type Rule, anonymizeUnknown, keep, replace, rules } from "./rule.js";

type Fields = Record<string, unknown>;

const typeName = keep(/^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)+$/, "type");

const envelopeRules: Readonly<Record<string, Rule>> = {
  type: typeName,
  timestamp: rules.time,
  webhook_id: rules.id,
  route_id: rules.id,
};

/** Of all event types: no two mean something different by a name. */
const dataRules: Readonly<Record<string, Rule>> = {
  account_id: rules.id,
  event: keep(/^on_[a-z_]+$/),
  from: rules.address,
  recipient: rules.address,
  subject: rules.subject,
  message_id_header: rules.messageId,
  id: rules.id,
  url: rules.url,
  user_agent: rules.userAgent,
  ip: rules.ip,
  created_at: rules.time,
  expires_at: rules.time,
  dns_last_checked_at: rules.time,
  reason: anonymizeReason,
  sending_domain: rules.domain,
  domain: rules.domain,
  reply_to: rules.address,
  to: rules.address,
  cc: rules.address,
  message_id: rules.messageId,
  date: rules.mailDate,
  in_reply_to: rules.messageId,
  references: rules.messageId,
  auto_submitted: keep(/^(no|auto-generated|auto-replied|auto-notified|)$/i),
  plain_body: anonymizePlainBody,
  reply_from_plain_body: anonymizePlainBody,
};

const attemptRules: Readonly<Record<string, Rule>> = {
  classification: keep(/^[A-Z][A-Za-z]{2,30}$/),
  enhanced_status_code: keep(/^(\d\.\d{1,3}\.\d{1,3}|)$/),
  // Both quote addresses.
  response: replace("response"),
  description: replace("description"),
  command: keep(/^[A-Z]{4,8}( (TO|FROM))?$/),
};

const NUMBERS = new Set(["smtp_code", "size", "spam_score"]);

/**
 * Anonymizes the body of a delivery: addresses, names, subjects, ids, domains, links, IP addresses and everything that
 * people write. Types, times, codes, reasons and user agents stay. A field that is not documented keeps its name, and
 * gets another value.
 *
 * @param body JSON
 * @returns JSON as AhaSend serializes it
 */
export function anonymizeEvent(body: string, pseudonyms: Pseudonyms): string {
  const event: unknown = JSON.parse(body);
  if (!isFields(event)) return serialize(anonymizeUnknown(event, pseudonyms));
  return serialize(
    mapFields(event, pseudonyms, envelopeRules, (name, value) =>
      name === "data" && isFields(value) ? anonymizeData(value, pseudonyms) : undefined,
    ),
  );
}

function anonymizeData(data: Fields, pseudonyms: Pseudonyms): Fields {
  const { attachments, subject } = data;
  return mapFields(data, pseudonyms, dataRules, (name, value) => {
    if (name === "delivery_attempt" && isFields(value)) return mapFields(value, pseudonyms, attemptRules);
    if (name === "html_body" && typeof value === "string")
      return anonymizeHtmlBody(value, attachments, pseudonyms);
    if (name === "attachments" && Array.isArray(value))
      return value.map((attachment) => anonymizeAttachment(attachment, pseudonyms));
    if (name === "headers" && isFields(value))
      return anonymizeHeaders(value, typeof subject === "string" ? subject : undefined, pseudonyms);
    return undefined;
  });
}

/** Replaces the values of fields: by `special` if it returns something, by the rule of the name, or as unknown ones. */
function mapFields(
  fields: Fields,
  pseudonyms: Pseudonyms,
  ruleByName: Readonly<Record<string, Rule>>,
  special: (name: string, value: unknown) => unknown = () => undefined,
): Fields {
  const entries = Object.entries(fields).map(([name, value]): [string, unknown] => {
    const replaced = special(name, value);
    if (replaced !== undefined) return [name, replaced];
    const rule = Object.hasOwn(ruleByName, name) ? ruleByName[name] : undefined;
    if (rule !== undefined && typeof value === "string") return [name, rule(value, pseudonyms)];
    if (NUMBERS.has(name) && typeof value === "number") return [name, value];
    const isFieldName = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name);
    return [isFieldName ? name : pseudonyms.opaque("field", name), anonymizeUnknown(value, pseudonyms)];
  });
  return Object.fromEntries(entries);
}

/** Reasons of suppressions that are made by hand are free text; the others are AhaSend's, some of them classifications in words. */
function anonymizeReason(value: string, pseudonyms: Pseudonyms): string {
  const word = value.replaceAll(" ", "").toLowerCase();
  const isKnown =
    /^(Too many hard bounces|FBL (Complaint|Abuse) Report)$/.test(value) ||
    classifications.some((known) => known.toLowerCase() === word);
  return isKnown ? value : pseudonyms.opaque("reason", value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { isIP } from "node:net";

import { anonymizeMailboxes, anonymizeMessageIds, anonymizeSubject } from "./anonymize-mailboxes.js";
import type { Pseudonyms } from "./pseudonyms.js";

/** Returns what replaces a string. Its result is made of replacements and of words that the rule knows. */
export type Rule = (value: string, pseudonyms: Pseudonyms) => string;

/** Keeps a value that matches a pattern of harmless ones, and replaces any other. */
export function keep(pattern: RegExp, fallback = "value"): Rule {
  return (value, pseudonyms) => (pattern.test(value) ? value : pseudonyms.opaque(fallback, value));
}

/** Replaces a value with a counted word. */
export function replace(kind: string): Rule {
  return (value, pseudonyms) => pseudonyms.opaque(kind, value);
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** A time in a header; a comment such as a time zone's name is not kept. */
const RFC_5322 = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? [+-]\d{4}/;

const address: Rule = (value, pseudonyms) => anonymizeMailboxes(value, pseudonyms);
const id: Rule = (value, pseudonyms) => pseudonyms.id(value);
const domain: Rule = (value, pseudonyms) => (value === "" ? "" : pseudonyms.domain(value));
const ip: Rule = (value, pseudonyms) =>
  isIP(value) > 0 ? pseudonyms.ip(value) : pseudonyms.opaque("ip", value);

const url: Rule = (value, pseudonyms) => {
  const link = pseudonyms.opaque("link", value);
  const host = URL.canParse(value) ? new URL(value).hostname : "";
  return link === "" ? "" : `https://${host === "" ? "link.example" : pseudonyms.domain(host)}/${link}`;
};

const mailDate: Rule = (value) =>
  value === "" ? "" : (RFC_5322.exec(value)?.[0] ?? "Thu, 1 Jan 1970 00:00:00 +0000");
const time: Rule = (value) => (value === "" || RFC_3339.test(value) ? value : "1970-01-01T00:00:00Z");

/** The rules of common kinds of values. */
export const rules = {
  address,
  subject: anonymizeSubject,
  messageId: (value, pseudonyms) => anonymizeMessageIds(value, pseudonyms),
  id,
  domain,
  ip,
  url,
  time,
  mailDate,
  /** A browser's, without an address or anything encoded. */
  userAgent: keep(/^[\w ./;:,()+-]*$/, "agent"),
} as const satisfies Record<string, Rule>;

const MAX_DEPTH = 50;

/**
 * Anonymizes a value of a field that is not documented. Strings keep their shape if they have a common one; numbers and
 * the names of nested fields are replaced as well, because they may be ids and names.
 */
export function anonymizeUnknown(value: unknown, pseudonyms: Pseudonyms, depth = 0): unknown {
  if (typeof value === "string") return anonymizeByShape(value, pseudonyms);
  if (typeof value === "number") return pseudonyms.number(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => anonymizeUnknown(item, pseudonyms, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      pseudonyms.opaque("field", name),
      anonymizeUnknown(item, pseudonyms, depth + 1),
    ]),
  );
}

function anonymizeByShape(value: string, pseudonyms: Pseudonyms): string {
  if (RFC_3339.test(value)) return value;
  if (isIP(value) > 0) return pseudonyms.ip(value);
  if (/^[0-9a-f-]{32,36}$/i.test(value)) return pseudonyms.id(value);
  if (/^<[^<>\s]+@[^<>\s]+>$/.test(value)) return pseudonyms.messageId(value);
  if (/@[^\s@]+\.[^\s@]+$/.test(value)) return anonymizeMailboxes(value, pseudonyms);
  if (/^https?:\/\//i.test(value)) return url(value, pseudonyms);
  return pseudonyms.opaque("value", value);
}

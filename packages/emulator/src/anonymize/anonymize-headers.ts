import type { Pseudonyms } from "./pseudonyms.js";
import { type Rule, anonymizeUnknown, keep, replace, rules } from "./rule.js";
import { toMediaType } from "./attachment-contents.js";

const link: Rule = (value, pseudonyms) => (value === "" ? "" : `<${rules.url(value, pseudonyms)}>`);

/** The media type without its parameters, which name boundaries and files. */
const contentType: Rule = (value) => {
  const type = /^\s*multipart\/(mixed|alternative|related|report|signed)\b/i.exec(value);
  if (type !== null) return `${type[0].trim().toLowerCase()}; boundary="boundary"`;
  return toMediaType(value);
};

/** Names of headers by the rule for their values, in lower case. Others get another name. */
const namesByRule: readonly (readonly [rule: Rule, names: string])[] = [
  [
    rules.address,
    "from to cc bcc sender reply-to return-path delivered-to envelope-to x-original-to x-forwarded-to x-envelope-to resent-from resent-to resent-cc resent-sender errors-to disposition-notification-to x-failed-recipients",
  ],
  [rules.messageId, "message-id in-reply-to references resent-message-id content-id"],
  [rules.subject, "subject thread-topic"],
  [rules.mailDate, "date resent-date delivery-date"],
  [link, "list-unsubscribe list-subscribe list-help list-post list-owner list-archive"],
  [rules.id, "x-customer-id"],
  [rules.ip, "x-originating-ip"],
  [rules.userAgent, "user-agent x-mailer"],
  [contentType, "content-type"],
  [keep(/^1\.0$/), "mime-version"],
  [keep(/^(7bit|8bit|binary|quoted-printable|base64)$/i), "content-transfer-encoding"],
  [keep(/^[a-z]{2}(-[A-Z]{2})?$/), "content-language"],
  [keep(/^(no|auto-generated|auto-replied|auto-notified)$/i), "auto-submitted"],
  [keep(/^(bulk|list|junk|auto_reply|first-class)$/i), "precedence"],
  [keep(/^(high|normal|low|urgent|non-urgent)$/i), "importance priority x-msmail-priority"],
  [keep(/^[1-5]( \((highest|high|normal|low|lowest)\))?$/i), "x-priority"],
  [keep(/^((all|none|oof|dr|rn|nrn|autoreply)(, *)?)+$/i), "x-auto-response-suppress"],
  [keep(/^(yes|no)$/i), "x-autoreply x-autorespond x-spam-flag"],
  [keep(/^List-Unsubscribe=One-Click$/i), "list-unsubscribe-post"],
  [
    replace("value"),
    "received received-spf dkim-signature authentication-results arc-seal arc-message-signature arc-authentication-results list-id thread-index feedback-id x-spam-status x-spam-score x-google-dkim-signature x-gm-message-state",
  ],
];

const ruleByName = new Map(
  namesByRule.flatMap(([rule, names]) => names.split(" ").map((name) => [name, rule] as const)),
);

/** Anonymizes the headers of an inbound e-mail, which stay sorted by name. */
export function anonymizeHeaders(
  headers: object,
  subject: string | undefined,
  pseudonyms: Pseudonyms,
): Record<string, unknown> {
  const entries = Object.entries(headers).map(([name, value]: [string, unknown]) => {
    const rule = ruleByName.get(name.toLowerCase());
    // Names that senders invent may contain those of people and companies.
    if (rule === undefined)
      return [pseudonyms.opaque("X-Header", name), anonymizeUnknown(value, pseudonyms)] as const;
    if (typeof value !== "string") return [name, anonymizeUnknown(value, pseudonyms)] as const;
    // It may be encoded here (RFC 2047), and must still be the subject of the event.
    const isSubject = name.toLowerCase() === "subject" && value !== "";
    return [name, rule(isSubject ? (subject ?? value) : value, pseudonyms)] as const;
  });
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

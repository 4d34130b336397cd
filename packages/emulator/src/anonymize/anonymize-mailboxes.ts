import type { Pseudonyms } from "./pseudonyms.js";

/** The parts of a list of mailboxes; commas in quotes, comments and angle brackets do not separate. */
const PARTS = /(?:"(?:\\.|[^"\\])*"|\([^)]*\)|<[^>]*>|[^,;])+/gs;

/**
 * Anonymizes mailboxes, as a header has them: `Ada <ada@customer.example>, bob@customer.example` becomes
 * `Person 1 <person-1@domain-1.example>, person-2@domain-1.example`. What is not a mailbox becomes a name.
 */
export function anonymizeMailboxes(value: string, pseudonyms: Pseudonyms): string {
  const parts = (value.match(PARTS) ?? []).map((part) => part.trim()).filter((part) => part !== "");
  return parts.map((part) => anonymizeMailbox(part, pseudonyms)).join(", ");
}

function anonymizeMailbox(part: string, pseudonyms: Pseudonyms): string {
  // The sender of a bounce (RFC 5321).
  if (part === "<>") return part;
  const [angled, inner = ""] = /<\s*([^<>]*@[^<>]*?)\s*>/.exec(part) ?? [];
  if (angled !== undefined) {
    const address = pseudonyms.address(inner);
    if (part === angled) return `<${address}>`;
    const [, number] = /^person-([0-9]+)/i.exec(address) ?? [];
    return `${number === undefined ? "Mail system" : `Person ${number}`} <${address}>`;
  }
  const bare = part.replaceAll(/\([^)]*\)/g, "").trim();
  if (/^\S+@\S+$/.test(bare) || /^"[^"]*"@\S+$/.test(bare)) return pseudonyms.address(bare);
  return pseudonyms.opaque("name", part);
}

/** Anonymizes a subject; the usual prefixes of replies stay: `Re: Your invoice` becomes `Re: Subject 1`. */
export function anonymizeSubject(value: string, pseudonyms: Pseudonyms): string {
  const [prefixes = ""] = /^(?:(?:re|fwd?|aw|wg|antw|sv|vs|tr|rv|auto): ?)*/i.exec(value) ?? [];
  const rest = value.slice(prefixes.length);
  return prefixes + pseudonyms.opaque("subject", rest).replace("subject-", "Subject ");
}

/** Anonymizes a list of message ids, as `References` has it. */
export function anonymizeMessageIds(value: string, pseudonyms: Pseudonyms): string {
  const ids = value.match(/<[^>]*>|[^\s<>]+/g) ?? [];
  return ids.map((id) => pseudonyms.messageId(id)).join(" ");
}

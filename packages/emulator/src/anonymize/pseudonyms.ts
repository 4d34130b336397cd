import { isIP } from "node:net";

const UUID = /^([0-9a-f]{8}-[0-9a-f]{4})-([1-8])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** Addresses of mail systems: no person has written (RFC 2142, RFC 3464). */
const MAIL_SYSTEM = /^(mailer-daemon|postmaster)$/i;
/** Prefixes of ids in AhaSend's documents and fixtures. */
const PREFIXED = /^(msg|wh|evt)_/;

/**
 * Replaces personal values. The same value gets the same replacement for as long as the object lives, so that events of
 * one e-mail still belong together. Replacements are counted: nothing of the value is left in them but its shape.
 */
export class Pseudonyms {
  readonly #numbers = new Map<string, Map<string, number>>();

  /** Returns a replacement without a shape: `value-3`; an empty string stays empty. */
  opaque(kind: string, value: string): string {
    return value === "" ? "" : `${kind}-${this.#number(kind, value)}`;
  }

  /** Returns a number in place of a number. */
  number(value: number): number {
    return this.#number("number", String(value));
  }

  /** `acme.example` becomes `domain-1.example`, and `ACME.example` becomes `Domain-1.example`. */
  domain(value: string): string {
    const name = `domain-${this.#number("domain", value.toLowerCase())}.example`;
    return likeCase(value, name);
  }

  /** Returns an address in place of an address; a tag after `+` gets one of its own: `person-1+tag-1@domain-1.example`. */
  address(value: string): string {
    const at = value.lastIndexOf("@");
    const [local, domain] = [value.slice(0, at), value.slice(at + 1)];
    if (MAIL_SYSTEM.test(local)) return `${local}@${this.domain(domain)}`;
    const [, base = local, tag] = /^([^+]+)\+(.+)$/s.exec(local) ?? [];
    const person = likeCase(base, `person-${this.person(`${base}@${domain}`)}`);
    return `${person}${tag === undefined ? "" : `+${this.opaque("tag", tag)}`}@${this.domain(domain)}`;
  }

  /** Returns the number of a person, whose name is `Person 1` and whose address begins with `person-1`. */
  person(address: string): number {
    return this.#number("person", address.toLowerCase());
  }

  /** Returns an id of the same shape: a UUID of the same version, as many hexadecimal digits, or a prefix and a number. */
  id(value: string): string {
    if (value === "") return "";
    const number = this.#number("id", value.toLowerCase());
    const [, time = "", version] = UUID.exec(value) ?? [];
    if (version !== undefined) {
      const digits = number.toString(16).padStart(12, "0");
      // The time in a UUIDv7 stays, as other times do: ids sort by it.
      return `${version === "7" ? time.toLowerCase() : "00000000-0000"}-${version}000-8000-${digits}`;
    }
    if (/^[0-9a-f]{16,}$/i.test(value)) return number.toString(16).padStart(value.length, "0");
    return `${PREFIXED.exec(value)?.[0] ?? "id-"}${number}`;
  }

  /** Returns a message id in place of a message id, with or without angle brackets. */
  messageId(value: string): string {
    if (value === "") return "";
    const inner = value.replace(/^<(.*)>$/s, "$1");
    const at = inner.lastIndexOf("@");
    const left = at === -1 ? inner : inner.slice(0, at);
    const id = UUID.test(left) ? this.id(left) : this.opaque("mail", inner);
    const replacement = at === -1 ? id : `${id}@${this.domain(inner.slice(at + 1))}`;
    return inner === value ? replacement : `<${replacement}>`;
  }

  /** Returns an address that no computer has (RFC 2544, RFC 3849). */
  ip(value: string): string {
    const number = this.#number("ip", value.toLowerCase());
    if (isIP(value) === 6) return `2001:db8::${number.toString(16)}`;
    return `198.${18 + ((number >> 16) & 1)}.${(number >> 8) & 255}.${number & 255}`;
  }

  #number(kind: string, value: string): number {
    let numbers = this.#numbers.get(kind);
    if (numbers === undefined) this.#numbers.set(kind, (numbers = new Map<string, number>()));
    const number = numbers.get(value) ?? numbers.size + 1;
    numbers.set(value, number);
    return number;
  }
}

/** Keeps that two spellings of one address differ: a capital letter in the value becomes one in the replacement. */
function likeCase(value: string, replacement: string): string {
  if (value === value.toLowerCase()) return replacement;
  return replacement.slice(0, 1).toUpperCase() + replacement.slice(1);
}

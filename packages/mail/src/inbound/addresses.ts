import { addressParser } from "postal-mime";

import { readString } from "../read-string.js";

/** One address of a header. Its sender has chosen both: escape them before you display them. */
export interface Mailbox {
  /** The display name, decoded, on one line and without control characters; `""` if there is none. It may look like an address. */
  readonly name: string;
  /** As it was written: `Ada.Lovelace+tag@customer.example`. */
  readonly address: string;
}

/** Well above any honest header; nested groups take the parser 4 microseconds a character. */
const MAX_HEADER_LENGTH = 65_536;

/** One local part, quoted or not, and one domain: two of either could be read in two ways. */
const UNAMBIGUOUS = /^(?:"(?:[^"\\]|\\.)*"|[^\s@"<>(),;:\\]+)@[^\s@"<>(),;\\]+$/;

/**
 * Returns the mailboxes of a header such as `from`, `reply_to`, `to` or `cc`, those of groups included. What has no address
 * (`MAILER-DAEMON`, `undisclosed-recipients:;`), or one that can be read in two ways, is left out. A header of more than 65,536
 * characters is read to the last comma before.
 *
 * Source: the contract, "`data` of `message.routing`" (header values that may be empty; `reply_to` may hold several); RFC 5322, section
 * 3.4. Throws nothing.
 *
 * @example
 * parseAddresses(event.data.reply_to)[0] ?? parseAddress(event.data.from);
 */
export function parseAddresses(header: string | undefined): Mailbox[] {
  return addressParser(cutAtComma(readString(header)), { flatten: true })
    .map(({ name, address }) => ({ name: toOneLine(readString(name)), address: readString(address) }))
    .filter(({ address }) => UNAMBIGUOUS.test(address));
}

/**
 * Returns the first mailbox of a header, or `undefined` if it has none. See {@link parseAddresses}. Throws nothing.
 *
 * @example
 * parseAddress("Ada Lovelace <ada@customer.example>"); // { name: "Ada Lovelace", address: "ada@customer.example" }
 */
export function parseAddress(header: string | undefined): Mailbox | undefined {
  return parseAddresses(header)[0];
}

/** An encoded word may hold line breaks, which would add headers to a mail that repeats the name. */
function toOneLine(name: string): string {
  return name.replace(/\p{Cc}+/gu, " ").trim();
}

function cutAtComma(header: string): string {
  if (header.length <= MAX_HEADER_LENGTH) return header;
  return header.slice(0, Math.max(0, header.lastIndexOf(",", MAX_HEADER_LENGTH)));
}

import { decodeEntities } from "./entities.js";

/** Elements whose content nobody reads. */
const HIDDEN = /^(?:head|script|style|title|template|noscript)$/;

const BLOCK = /^(?:address|article|br|dd|div|dt|footer|h[1-6]|header|hr|li|ol|p|pre|section|table|tr|ul)$/;

/** Marks of Gmail, Yahoo and Outlook around everything that follows the reply. */
const QUOTE_START =
  /\b(?:gmail_quote|yahoo_quoted|divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)\b/;

/**
 * Returns the words of an HTML mail that its sender has added: without markup, styles and the quoted original. In linear time,
 * whatever the HTML is. Not HTML any more, and not safe in HTML either: escape it.
 */
export function toPlainReply(html: string): string {
  const words: string[] = [];
  let quoteDepth = 0;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    const end = open === -1 ? html.length : open;
    if (quoteDepth === 0) words.push(decodeEntities(html.slice(at, end)).replace(/\s+/g, " "));
    if (open === -1) break;
    const tag = readTag(html, open);
    at = tag.end;
    if (QUOTE_START.test(tag.attributes)) break;
    if (tag.name === "blockquote") quoteDepth = Math.max(0, quoteDepth + (tag.isClosing ? -1 : 1));
    if (quoteDepth === 0 && tag.name === "") words.push(tag.attributes);
    if (BLOCK.test(tag.name) || tag.name === "blockquote") words.push("\n");
    else if (tag.name === "td" || tag.name === "th") words.push(" ");
    if (HIDDEN.test(tag.name) && !tag.isClosing) at = findEndTag(html, tag.name, at);
  }
  return tidy(words.join(""));
}

interface Tag {
  /** In lower case; `""` for a `<` that begins no tag, which `attributes` then holds; `!` for comments and the like. */
  name: string;
  isClosing: boolean;
  attributes: string;
  /** The first character behind it. */
  end: number;
}

const NAME = /(\/?)([a-z][a-z\d]*|[!?])/iy;

function readTag(html: string, open: number): Tag {
  NAME.lastIndex = open + 1;
  const [, slash = "", name] = NAME.exec(html) ?? [];
  if (name === undefined) return { name: "", isClosing: false, attributes: "<", end: open + 1 };
  const end = html.startsWith("!--", open + 1)
    ? skipPast(html, "-->", open + 1)
    : findTagEnd(html, NAME.lastIndex);
  const attributes = name === "!" ? "" : html.slice(NAME.lastIndex, end);
  return { name: name.toLowerCase(), isClosing: slash !== "", attributes, end };
}

const MARK = /=\s*(["'])|>/g;

/** A `>` in a quoted value does not end a tag. A quotation that is not closed counts for nothing. */
function findTagEnd(html: string, from: number): number {
  MARK.lastIndex = from;
  for (let mark = MARK.exec(html); mark !== null; mark = MARK.exec(html)) {
    const [, quote] = mark;
    if (quote === undefined) return MARK.lastIndex;
    const close = html.indexOf(quote, MARK.lastIndex);
    if (close !== -1) MARK.lastIndex = close + 1;
  }
  return html.length;
}

/** Returns the place behind the next occurrence; the end if there is none. */
function skipPast(html: string, part: string, from: number): number {
  const start = html.indexOf(part, from);
  return start === -1 ? html.length : start + part.length;
}

/** An element that is not closed hides the rest, as it does in a browser. */
function findEndTag(html: string, name: string, from: number): number {
  const endTag = new RegExp(`</${name}[\\s/>]`, "gi");
  endTag.lastIndex = from;
  return endTag.exec(html)?.index ?? html.length;
}

/** At most one empty line between two paragraphs. */
function tidy(plain: string): string {
  const lines = plain.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  return lines
    .filter((line, index) => line !== "" || lines[index - 1] !== "")
    .join("\n")
    .trim();
}

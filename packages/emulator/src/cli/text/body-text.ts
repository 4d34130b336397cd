import { toPrintable } from "../../to-printable.js";

/** Length of a body that is shown, in bytes. Events have less; attachments would bury what matters. */
const SHOWN_BYTES = 8000;

/** Formats JSON with its lines, and what a terminal would obey as escapes of JSON. */
export function bodyText(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2).replaceAll(
      /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (character) =>
        [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
          .join(""),
    );
  } catch {
    return toPrintable(body, Infinity);
  }
}

/** Formats a body, or its beginning if it is long. */
export function bodyLines(body: Buffer): string[] {
  const isCut = body.length > SHOWN_BYTES;
  const lines = bodyText(toShownBody(body)).split("\n");
  return isCut ? [...lines, `… ${body.length - SHOWN_BYTES} more bytes`] : lines;
}

/** Returns the beginning of a body as a string. */
export function toShownBody(body: Buffer): string {
  return body.toString("utf8", 0, SHOWN_BYTES);
}

/** How much of a foreign text is shown. */
const SHOWN_CHARACTERS = 200;

/** A foreign text as it may stand in one line of a terminal: without control characters, and not too long. */
export function toPrintable(text: string, characters = SHOWN_CHARACTERS): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, " ").trim();
  return line.length > characters ? `${line.slice(0, characters)}…` : line;
}

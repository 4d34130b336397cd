/** Longer strings are cut. */
const SHOWN_CHARACTERS = 200;

/** Makes an untrusted string safe for one line of a terminal: strips control characters and limits its length. */
export function toPrintable(text: string, characters = SHOWN_CHARACTERS): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, " ").trim();
  return line.length > characters ? `${line.slice(0, characters)}…` : line;
}

/** Escapes that JSON.stringify has made, and what Go's `encoding/json` escapes beside them. */
const TOKENS = /\\ud[89a-f][0-9a-f]{2}|\\.|[<>&\u2028\u2029]/g;

/**
 * Writes a value as AhaSend's serialiser (Go's `encoding/json`) does: no spaces, `<`, `>`, `&`, U+2028 and U+2029
 * escaped, half surrogates replaced.
 *
 * @example
 * serialize({ id: "<1@example.com>" }); // {"id":"\u003c1@example.com\u003e"}
 */
export function serialize(value: unknown): string {
  return JSON.stringify(value).replace(TOKENS, (token) => {
    if (token.startsWith("\\ud")) return "\\ufffd";
    return token.startsWith("\\") ? token : `\\u${token.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

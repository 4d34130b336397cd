/** Escapes in the output of JSON.stringify, and the characters that Go's `encoding/json` escapes as well. */
const TOKENS = /\\ud[89a-f][0-9a-f]{2}|\\.|[<>&\u2028\u2029]/g;

/**
 * Serializes a value as AhaSend does (Go's `encoding/json`): without spaces, with `<`, `>`, `&`, U+2028 and U+2029
 * escaped and lone surrogates replaced.
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

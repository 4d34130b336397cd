import { decodeEntities } from "./entities.js";

/** Ends at the first character that no URL has, such as the comma between two in a `srcset`. */
const BARE = /(?<![\w+.-])cid:((?:(?!&(?:quot|apos|#3[49]|#x2[27]);)[^\s"'<>()`,])*)/gi;

/** In quotes a URL may hold spaces, although it must not, and the other kind of quotes. */
const QUOTED_OR_BARE = new RegExp(`"cid:([^"<>]*)"|'cid:([^'<>]*)'|${BARE.source}`, "gi");

/** Returns the URL in place of that of a content id, or `undefined` to leave it. */
type Resolve = (contentId: string) => string | undefined;

/** Replaces the `cid:` URLs of an HTML body, wherever they are: attributes, `srcset`, styles. In linear time. */
export function replaceCidUrls(html: string, resolve: Resolve): string {
  const replaceBare = (found: string, encoded: string) => resolve(decodeContentId(encoded)) ?? found;
  return html.replace(
    QUOTED_OR_BARE,
    (found: string, double: string | undefined, single: string | undefined, bare: string) => {
      const quoted = double ?? single;
      if (quoted === undefined) return replaceBare(found, bare);
      const url = resolve(decodeContentId(quoted));
      const [quote = ""] = found;
      return url === undefined ? found.replace(BARE, replaceBare) : `${quote}${url}${quote}`;
    },
  );
}

const PERCENT = "%".charCodeAt(0);
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Decodes what follows `cid:` as AhaSend decodes `content_id`: percent-decoded, `+` is a space, all or nothing. */
function decodeContentId(encoded: string): string {
  const id = decodeEntities(encoded);
  if (!/[%+]/.test(id)) return id;
  if (/%(?![\da-f]{2})/i.test(id)) return id;
  const bytes = encoder.encode(id.replaceAll("+", " "));
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1, length += 1) {
    const isEscape = bytes[index] === PERCENT;
    bytes[length] = isEscape
      ? Number.parseInt(String.fromCharCode(...bytes.subarray(index + 1, index + 3)), 16)
      : (bytes[index] ?? 0);
    if (isEscape) index += 2;
  }
  return decoder.decode(bytes.subarray(0, length));
}

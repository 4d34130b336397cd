const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi;

const MAX_CODE_POINT = 0x10_ffff;

/** Decodes numeric character references and the named ones that mail programs write; others stay as they are. */
export function decodeEntities(html: string): string {
  if (!html.includes("&")) return html;
  return html.replace(ENTITY, (found: string, decimal?: string, hex?: string, name = "") => {
    if (decimal === undefined && hex === undefined) {
      return Object.hasOwn(NAMED, name.toLowerCase()) ? (NAMED[name.toLowerCase()] ?? found) : found;
    }
    const codePoint = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return codePoint <= MAX_CODE_POINT ? String.fromCodePoint(codePoint) : found;
  });
}

/** U+00A0 to U+00FF, in this order. */
const LATIN_1 =
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot " +
  "cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml " +
  "Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig " +
  "agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute " +
  "ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/** Name and character of each. */
const OTHERS =
  'amp& lt< gt> quot" apos\' AMP& LT< GT> QUOT" ndash– mdash— lsquo‘ rsquo’ sbquo‚ ldquo“ rdquo” bdquo„ lsaquo‹ rsaquo› hellip… ' +
  "bull• euro€ trade™ permil‰ minus− larr← rarr→ OEligŒ oeligœ ScaronŠ scaronš YumlŸ ensp\u2002 emsp\u2003 thinsp\u2009";

const NAMED: ReadonlyMap<string, string> = new Map([
  ...LATIN_1.split(" ").map((name, index) => [name, String.fromCodePoint(0xa0 + index)] as const),
  ...OTHERS.split(" ").map((pair) => [pair.slice(0, -1), pair.slice(-1)] as const),
]);

const ENTITY = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z][a-zA-Z\d]{1,7}));/g;

const MAX_CODE_POINT = 0x10_ffff;

/** Decodes numeric character references and the named ones that mail programs write, of HTML 4; others stay as they are. */
export function decodeEntities(html: string): string {
  if (!html.includes("&")) return html;
  return html.replace(ENTITY, (found: string, decimal?: string, hex?: string, name = "") => {
    if (decimal === undefined && hex === undefined) return NAMED.get(name) ?? found;
    const codePoint = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return codePoint <= MAX_CODE_POINT ? String.fromCodePoint(codePoint) : found;
  });
}

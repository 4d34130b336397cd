const MAX_BYTES = 200;
const MAX_EXTENSION_LENGTH = 20;
const FALLBACK = "attachment";

/** Names that open a device on Windows, whatever their extension. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[\d¹²³]|lpt[\d¹²³])$/i;

/** Parts of emoji and of Persian words, which take no room on their own. */
const JOINING = "\\u200c\\u200d\\ufe0e\\ufe0f";

/** Control characters, halves of characters, and those that change the order of the others or take no room. */
const INVISIBLE = new RegExp(
  `[\\p{Cc}\\p{Cs}\\p{Bidi_Control}\\u2028\\u2029\\ufff9-\\ufffb]|(?![${JOINING}])\\p{Default_Ignorable_Code_Point}`,
  "gu",
);

const LEADING = new RegExp(`[.\\s${JOINING}-]`);
const TRAILING = /[.\s\u200c\u200d]/;

/**
 * Returns a file name that names one file in the current folder on every system: no path, no control or bidirectional
 * characters, none that Windows refuses, no device, no leading or trailing dots and spaces, at most 200 bytes of UTF-8 with the
 * extension kept, never empty. The characters that people write stay: emoji, accents, Arabic. Throws nothing.
 */
export function toSafeFileName(name: string): string {
  const [stem, extension] = splitName(clean(takeLastSegment(name)));
  const isReserved = RESERVED.test(stem.split(".", 1)[0]?.trim() ?? "");
  const cut = trimEnds(cutToBytes(isReserved ? `_${stem}` : stem, MAX_BYTES - byteLength(extension)));
  return `${cut === "" ? FALLBACK : cut}${extension}`;
}

/**
 * Creates a function that makes names unique: `a.txt`, `a (2).txt`. Names that differ only in case or in the form of their
 * accents count as equal, as they do on macOS and Windows.
 */
export function createUniqueNames(): (name: string) => string {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return (name) => {
    const key = toComparable(name);
    const [stem, extension] = splitName(name);
    let unique = name;
    for (let count = counts.get(key) ?? 1; taken.has(toComparable(unique)); counts.set(key, count)) {
      count += 1;
      unique = `${stem} (${count})${extension}`;
    }
    taken.add(toComparable(unique));
    return unique;
  };
}

function takeLastSegment(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
}

function clean(name: string): string {
  const visible = name
    .normalize("NFC")
    .replace(INVISIBLE, "")
    .replace(/[<>:"|?*]/g, "_");
  return trimEnds(visible);
}

/** A leading dot hides a file, a leading hyphen makes it an option of commands, and Windows drops dots and spaces at the end. */
function trimEnds(name: string): string {
  let [start, end] = [0, name.length];
  while (start < end && LEADING.test(name.charAt(start))) start += 1;
  // Not a pattern with $: it would try every run of dots to its end.
  while (end > start && TRAILING.test(name.charAt(end - 1))) end -= 1;
  return name.slice(start, end);
}

/** Splits `report.tar.gz` into `report.tar` and `.gz`. A longer one is part of the stem. */
function splitName(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf(".");
  const hasExtension = dot > 0 && name.length - dot <= MAX_EXTENSION_LENGTH;
  return hasExtension ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

function cutToBytes(name: string, maxBytes: number): string {
  let bytes = 0;
  let length = 0;
  for (const character of name) {
    bytes += byteLength(character);
    if (bytes > maxBytes) break;
    length += character.length;
  }
  return name.slice(0, length);
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Both cases: the capital ẞ becomes ß first, and that SS. */
function toComparable(name: string): string {
  return name.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
}

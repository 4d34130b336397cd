/** A body that is indented for reading. */
export interface Pretty {
  text: string;
  /** Strings were shortened, such as attachments in base64. */
  isShortened: boolean;
}

const KEPT_CHARACTERS = 200;

/**
 * Indents JSON for reading, and shortens strings of more than `maxCharacters`: they are encoded files.
 *
 * @returns `undefined` if it is not JSON
 */
export function toPretty(json: string, maxCharacters = Infinity): Pretty | undefined {
  let isShortened = false;
  const shorten = (_name: string, value: unknown): unknown => {
    if (typeof value !== "string" || value.length <= maxCharacters) return value;
    isShortened = true;
    const rest = (value.length - KEPT_CHARACTERS).toLocaleString("en");
    return `${value.slice(0, KEPT_CHARACTERS)} … and ${rest} more characters`;
  };
  try {
    return { text: JSON.stringify(JSON.parse(json), shorten, 2), isShortened };
  } catch {
    return undefined;
  }
}

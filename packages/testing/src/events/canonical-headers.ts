/** The names that Go's `textproto.CanonicalMIMEHeaderKey` changes: others stay as they are. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Returns the headers of an inbound e-mail as Go writes a map of them: names such as `Message-Id`, sorted. */
export function toCanonicalHeaders(headers: object): Record<string, unknown> {
  const entries = Object.entries(headers).map(([name, value]) => [toCanonicalName(name), value] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function toCanonicalName(name: string): string {
  if (!TOKEN.test(name)) return name;
  return name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

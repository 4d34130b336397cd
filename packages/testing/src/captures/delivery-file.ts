import { isUtf8 } from "node:buffer";

/** A delivery as a file keeps it. */
export interface DeliveryFile {
  headers: Readonly<Record<string, string>>;
  /** The exact body. */
  body: string;
}

/**
 * Formats a delivery as `loadDeliveries` reads it: an HTTP request, with one header a line, a blank line, and then the
 * untouched body.
 *
 * @throws {TypeError} if a header is not valid, or there is no `webhook-id`
 *
 * @example
 * writeFileSync("deliveries/0001-message.bounced.http", formatDelivery(signDelivery({ secret, event })));
 */
export function formatDelivery({ headers, body }: DeliveryFile): string {
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) });
  for (const [name, value] of lines) {
    // A line break would begin another header, or the body.
    if (/^[\w-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value)) continue;
    throw new TypeError(`The header ${JSON.stringify(name)} must be visible ASCII: leave it out.`);
  }
  if (headers["webhook-id"] === undefined)
    throw new TypeError("The delivery has no webhook-id: pass its headers in lower case.");
  return [START_LINE, ...lines.map(([name, value]) => `${name}: ${value}`), "", body].join("\n");
}

const START_LINE = "POST / HTTP/1.1";
/** Git may have changed the line ends of the headers. */
const HEAD = /^POST \S+ HTTP\/1\.1\r?\n((?:[\w-]+: ?[^\r\n]*\r?\n)+)\r?\n/;

/**
 * Parses a file that {@link formatDelivery} has formatted.
 *
 * @param name the path, for messages
 * @throws {TypeError} if it is something else
 */
export function parseDelivery(content: Uint8Array, name: string): DeliveryFile {
  const text = Buffer.from(content).toString();
  const [head = "", lines = ""] = HEAD.exec(text) ?? [];
  const headers = Object.fromEntries(
    [...lines.matchAll(/^([\w-]+): ?(.*?)\r?$/gm)].map(([, key = "", value = ""]) => [
      key.toLowerCase(),
      value,
    ]),
  );
  if (!isUtf8(content) || (headers["webhook-id"] ?? "") === "")
    throw new TypeError(
      `${name} is not a recorded delivery: record it with npx @ahasend-webhooks/emulator capture.`,
    );
  return { headers, body: withoutAddedLineEnd(text.slice(head.length), Number(headers["content-length"])) };
}

/** Editors end a file with a line break, which the signature would cover. Other edits are the user's. */
function withoutAddedLineEnd(body: string, bytes: number): string {
  const trimmed = body.replace(/\r?\n$/, "");
  return Buffer.byteLength(trimmed) === bytes ? trimmed : body;
}

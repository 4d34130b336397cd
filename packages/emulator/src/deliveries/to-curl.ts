/** A request to write as a command. */
export interface CurlRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array;
}

/** Linux limits an argument to 128 KiB. */
const MAX_ARGUMENT_BYTES = 100_000;
/** 76 characters of base64: terminals limit the length of a pasted line. */
const LINE_BYTES = 57;

/**
 * Returns a request as a command for POSIX shells: curl sends the same bytes, headers and signature. A body that is
 * binary or large is passed in base64 on standard input.
 *
 * @example
 * toCurl({ method: "POST", url: "http://localhost:3000/", headers: { "webhook-id": "msg_1" }, body: "{}" });
 */
export function toCurl({ method, url, headers, body }: CurlRequest): string {
  const options = Object.entries(headers)
    // curl counts the bytes itself.
    .filter(([name]) => name.toLowerCase() !== "content-length")
    .map(([name, value]) => `-H ${quote(value === "" ? `${name};` : `${name}: ${value}`)}`);
  const command = [`curl -i -X ${method} ${quote(url)}`, ...options];
  if (method === "GET") return join(command);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const text = bytes.length > MAX_ARGUMENT_BYTES ? undefined : decodeArgument(bytes);
  if (text !== undefined) return join([...command, `--data-raw ${quote(text)}`]);
  return `base64 -d <<'BODY' | ${join([...command, "--data-binary @-"])}\n${encodeBase64(bytes)}BODY`;
}

function join(parts: readonly string[]): string {
  return parts.join(" \\\n  ");
}

/** Nothing is special between single quotes but a single quote. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Returns bytes as a string that an argument can have; `undefined` if they are not UTF-8, or contain a NUL. */
function decodeArgument(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Encodes in lines, each with a line break. */
function encodeBase64(bytes: Uint8Array): string {
  let lines = "";
  for (let start = 0; start < bytes.length; start += LINE_BYTES) {
    lines += `${btoa(String.fromCharCode(...bytes.subarray(start, start + LINE_BYTES)))}\n`;
  }
  return lines;
}

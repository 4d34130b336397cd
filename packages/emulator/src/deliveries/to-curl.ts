/** A request to write as a command. */
export interface CurlRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array;
}

/** Options of {@link toCurl}. */
export interface CurlOptions {
  /** Accept any certificate. @default false */
  insecure?: boolean;
}

/** Linux limits an argument to 128 KiB. */
const MAX_ARGUMENT_BYTES = 100_000;
const BASE64_LINE = /.{1,76}/g;
/** A terminal obeys such characters, hides them, or changes them when they are pasted. */
const UNPRINTABLE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * Returns a request as a command for POSIX shells: curl sends the same bytes, headers and signature. A body that is
 * binary or large, or has characters that a terminal does not show, is passed in base64 on standard input.
 *
 * @example
 * toCurl({ method: "POST", url: "http://localhost:3000/", headers: { "webhook-id": "msg_1" }, body: "{}" });
 */
export function toCurl(
  { method, url, headers, body }: CurlRequest,
  { insecure = false }: CurlOptions = {},
): string {
  const options = Object.entries(headers)
    // curl counts the bytes itself.
    .filter(([name]) => name.toLowerCase() !== "content-length")
    .map(([name, value]) => `-H ${quote(value === "" ? `${name};` : `${name}: ${value}`)}`);
  // Brackets and braces in a URL are patterns for curl.
  const flags = `${/[[\]{}]/.test(url) ? " -g" : ""}${insecure ? " -k" : ""}`;
  const command = [`curl -i${flags} -X ${method} ${quote(url)}`, ...options];
  if (method === "GET") return join(command);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const text = bytes.length > MAX_ARGUMENT_BYTES ? undefined : decodeArgument(bytes);
  if (text !== undefined) return join([...command, `--data-raw ${quote(text)}`]);
  const lines = encodeBase64(bytes).match(BASE64_LINE) ?? [];
  return `base64 -d <<'BODY' | ${join([...command, "--data-binary @-"])}\n${lines.join("\n")}\nBODY`;
}

function join(parts: readonly string[]): string {
  return parts.join(" \\\n  ");
}

/** Nothing is special between single quotes but a single quote. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Returns bytes as a string that an argument can have; `undefined` if they cannot be shown. */
function decodeArgument(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return UNPRINTABLE.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

const CHUNK_BYTES = 30_000;

/** Encodes in chunks whose size is a multiple of three: too many arguments overflow the stack. */
function encodeBase64(bytes: Uint8Array): string {
  let encoded = "";
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    encoded += btoa(String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES)));
  }
  return encoded;
}

import type { DiagnosisProblem } from "./diagnosis.js";
import { formatDuration } from "./format-duration.js";

/** The values of each header by its lower-case name. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

/** The three headers of a delivery. */
export const signedHeaders = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

/** Plain Unix seconds. */
const TIMESTAMP = /^[1-9][0-9]{9,11}$/;
const V1_ENTRY = /^v1,[A-Za-z0-9+/]{43}=$/;
const MAX_SIGNATURE_ENTRIES = 16;
const MAX_SIGNATURE_LENGTH = 4096;

/** Groups header values by name, ignoring case. */
export function readHeaderValues(headers: Iterable<readonly [string, string]>): HeaderValues {
  const values = new Map<string, string[]>();
  for (const [anyCase, value] of headers) {
    const name = anyCase.toLowerCase();
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/** Finds problems of the headers that do not depend on the signature. */
export function findHeaderProblems(headers: HeaderValues): DiagnosisProblem[] {
  const missing = signedHeaders.filter((name) => (headers.get(name)?.[0] ?? "") === "");
  const problems: DiagnosisProblem[] = [];
  if (missing.length > 0) problems.push(describeMissingHeaders(missing, headers));
  for (const name of signedHeaders) {
    if ((headers.get(name)?.length ?? 0) <= 1) continue;
    const message = `The header ${name} is repeated: AhaSend sends it once, so configure the proxy in front to pass on only that one.`;
    problems.push({ code: "repeated_header", message });
  }
  const [id, timestamp, signature] = signedHeaders.map((name) => headers.get(name)?.[0]);
  if (id && !/^[\x21-\x7e]{1,255}$/.test(id)) {
    const message =
      "The header webhook-id must be 1 to 255 visible ASCII characters: use the id as it was sent.";
    problems.push({ code: "malformed_id", message });
  }
  if (timestamp && !TIMESTAMP.test(timestamp)) problems.push(describeMalformedTimestamp(timestamp));
  if (signature) problems.push(...findSignatureProblems(signature));
  const encoding = headers.get("content-encoding")?.[0] ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    const message = `The body is compressed (${encoding}), which AhaSend never does: check the proxy in front of the receiver.`;
    problems.push({ code: "body_compressed", message });
  }
  return problems;
}

/** Finds out whether the attempt is too old, or too far ahead. */
export function findAgeProblems(
  headers: HeaderValues,
  toleranceSeconds: number,
  now: number,
): DiagnosisProblem[] {
  const timestamp = headers.get("webhook-timestamp")?.[0] ?? "";
  if (!TIMESTAMP.test(timestamp)) return [];
  const ageSeconds = now / 1000 - Number(timestamp);
  if (ageSeconds > toleranceSeconds) {
    const message = `It was signed ${formatDuration(ageSeconds)} ago; up to ${formatDuration(toleranceSeconds)} is accepted. If it is an old capture, verify it as of the time it arrived. If it has just arrived, synchronise the clock of your server (NTP), or it is a replay.`;
    return [{ code: "stale_timestamp", message }];
  }
  if (-ageSeconds > toleranceSeconds) {
    const message = `Its timestamp is ${formatDuration(-ageSeconds)} in the future; up to ${formatDuration(toleranceSeconds)} is accepted. Synchronise the clock of your server (NTP).`;
    return [{ code: "future_timestamp", message }];
  }
  return [];
}

function findSignatureProblems(header: string): DiagnosisProblem[] {
  const entries = header.split(" ");
  const wrong = (what: string): DiagnosisProblem[] => [
    {
      code: "malformed_signature",
      message: `The header webhook-signature ${what}: pass it on exactly as AhaSend sent it.`,
    },
  ];
  if (header.length > MAX_SIGNATURE_LENGTH || entries.length > MAX_SIGNATURE_ENTRIES) {
    return wrong(`has more than ${MAX_SIGNATURE_ENTRIES} entries or 4 KB`);
  }
  if (!entries.some((entry) => V1_ENTRY.test(entry)))
    return wrong('has no entry of "v1," and 32 bytes in base64');
  return [];
}

function describeMissingHeaders(missing: readonly string[], headers: HeaderValues): DiagnosisProblem {
  const names = missing.join(", ");
  const other = missing.flatMap((name) => {
    const last = name.slice("webhook-".length);
    return [...headers.keys()].filter(
      (key) => key !== name && new RegExp(`(svix|webhook).${last}$`).test(key),
    );
  });
  const hint = other.length > 0 ? `, but ${other.join(", ")} is present` : "";
  const message = `Missing: ${names}${hint}. Configure the proxy in front to pass the headers on under their original names.`;
  return { code: "missing_header", message };
}

function describeMalformedTimestamp(timestamp: string): DiagnosisProblem {
  const what = /^[0-9]{13}$/.test(timestamp) ? "is in milliseconds" : "is not plain Unix seconds";
  const message = `The header webhook-timestamp ${what}: make the sender write whole seconds since 1970.`;
  return { code: "malformed_timestamp", message };
}

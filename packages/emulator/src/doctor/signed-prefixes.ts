import type { DiagnosisProblem } from "./diagnosis.js";

/** A prefix of the body in the signed content. */
export interface SignedPrefix {
  prefix: string;
  problems: readonly DiagnosisProblem[];
}

/** Lists the prefix that AhaSend signs, and those that other senders are known to sign. */
export function listSignedPrefixes(id: string, timestamp: string): SignedPrefix[] {
  const wrong = (prefix: string, code: DiagnosisProblem["code"], what: string): SignedPrefix => ({
    prefix,
    problems: [{ code, message: `${what}: make the sender sign id.timestamp.body, as AhaSend does.` }],
  });
  const seconds = /^[0-9]{13}$/.test(timestamp) ? timestamp.slice(0, -3) : timestamp;
  return [
    { prefix: `${id}.${timestamp}.`, problems: [] },
    wrong(
      `${timestamp}.${id}.`,
      "id_and_timestamp_swapped",
      "Id and timestamp were signed in the wrong order",
    ),
    wrong(
      `${id}.${seconds}.`,
      "malformed_timestamp",
      "The header webhook-timestamp is in milliseconds, but seconds were signed",
    ),
    wrong(`${timestamp}.`, "id_not_signed", "The id was not signed"),
    wrong(`${id}.`, "timestamp_not_signed", "The timestamp was not signed"),
    wrong("", "timestamp_not_signed", "Only the body was signed, without id and timestamp"),
  ];
}

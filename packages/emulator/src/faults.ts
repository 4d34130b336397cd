/** In which attempts a request is spoilt. */
interface Spoils {
  /** Only in the first so many attempts: what comes after them is sound. @default all of them */
  attempts?: number;
}

/** What is wrong with a request, or unusual about it. */
export type RequestFault = Spoils &
  (
    | /** Signed so many seconds from now: below 0 stale, above 0 in the future. */ {
        kind: "timestamp";
        offsetSeconds: number;
      }
    | /** Signed with a secret that the receiver does not know. */ { kind: "wrong_secret" }
    | /** Signed with an old secret and with the right one: two entries. Must be accepted. */ {
        kind: "rotated_secret";
      }
    | /** Without the header `webhook-signature`. */ { kind: "unsigned" }
    | /** Signed as another version than `v1`. */ { kind: "unknown_version"; version?: string }
    | /** Entries of other versions and malformed ones around the right one. Must be accepted. */ {
        kind: "extra_signatures";
      }
    | /** Ends before the signed body does: at half of it, or after so many bytes. */ {
        kind: "truncated_body";
        bytes?: number;
      }
    | /** The body takes so many seconds to come. */ { kind: "slow_upload"; seconds: number }
    | /** The body is compressed. */ { kind: "content_encoding"; encoding: "gzip" | "deflate" | "br" }
  );

/**
 * What can be done to a delivery. Those of one list come together.
 *
 * @example
 * emulator.emit(event, { faults: [{ kind: "copies", count: 3, timing: "together" }, { kind: "extra_fields" }] });
 */
export type Fault =
  | RequestFault
  | /** The same delivery so many times in all: at the same time, or each after the first attempt of the one before. */ {
      kind: "copies";
      count: number;
      timing: "together" | "in_turn";
    }
  | /** Several events arrive in reverse order, each after the first attempt of the one before. */ {
      kind: "reordered";
    }
  | /** The event has a type that did not exist yesterday. Must be accepted. */ {
      kind: "unknown_type";
      type?: string;
    }
  | /** Unknown fields in the envelope and in `data`. Must be accepted. */ { kind: "extra_fields" };

/** The name of a fault. */
export type FaultKind = Fault["kind"];

type Check = "number" | "string" | "count" | "positive" | readonly string[];

/** The fields of each fault; those with `?` can be left out. */
const FIELDS: { readonly [Kind in FaultKind]: Readonly<Record<string, Check>> } = {
  timestamp: { offsetSeconds: "number", "attempts?": "positive" },
  wrong_secret: { "attempts?": "positive" },
  rotated_secret: { "attempts?": "positive" },
  unsigned: { "attempts?": "positive" },
  unknown_version: { "version?": "string", "attempts?": "positive" },
  extra_signatures: { "attempts?": "positive" },
  truncated_body: { "bytes?": "count", "attempts?": "positive" },
  slow_upload: { seconds: "number", "attempts?": "positive" },
  content_encoding: { encoding: ["gzip", "deflate", "br"], "attempts?": "positive" },
  copies: { count: "positive", timing: ["together", "in_turn"] },
  reordered: {},
  unknown_type: { "type?": "string" },
  extra_fields: {},
};

/** The names of all faults. */
export const faultKinds = Object.keys(FIELDS) as readonly FaultKind[];

/**
 * Checks faults that may come from JSON or a command line.
 *
 * @throws {TypeError} for an unknown kind, a missing or unknown field, a value of the wrong type
 */
export function checkFaults(faults: readonly Fault[]): void {
  for (const { kind, ...fields } of faults) {
    if (!faultKinds.includes(kind)) {
      throw new TypeError(`There is no fault ${JSON.stringify(kind)}: use one of ${faultKinds.join(", ")}.`);
    }
    const known = FIELDS[kind];
    const names = Object.keys(known).map((name) => name.replace("?", ""));
    for (const name of Object.keys(fields)) {
      if (!names.includes(name)) {
        throw new TypeError(`The fault ${kind} has no ${name}: it takes ${names.join(", ") || "nothing"}.`);
      }
    }
    for (const [name, check] of Object.entries(known)) {
      const value = (fields as Record<string, unknown>)[name.replace("?", "")];
      if (value === undefined && name.endsWith("?")) continue;
      if (!passes(value, check)) {
        const expected = typeof check === "string" ? EXPECTED[check] : `one of ${check.join(", ")}`;
        throw new TypeError(`${name.replace("?", "")} of the fault ${kind} is not ${expected}: give that.`);
      }
    }
  }
}

const EXPECTED = {
  number: "a finite number",
  string: "a text",
  count: "a whole number from 0 on",
  positive: "a whole number above 0",
} as const;

function passes(value: unknown, check: Check): boolean {
  if (check === "count" || check === "positive") {
    return Number.isInteger(value) && Number(value) >= (check === "count" ? 0 : 1);
  }
  if (check === "number") return Number.isFinite(value);
  if (check === "string") return typeof value === "string";
  return check.includes(String(value));
}

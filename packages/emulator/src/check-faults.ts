import type { Fault, FaultKind, RequestFault } from "./faults.js";

const checks = {
  number: { passes: (value: unknown) => Number.isFinite(value), expected: "a finite number" },
  text: { passes: (value: unknown) => typeof value === "string", expected: "a text" },
  count: {
    passes: (value: unknown) => Number.isInteger(value) && Number(value) >= 0,
    expected: "a whole number from 0 on",
  },
  positive: {
    passes: (value: unknown) => Number.isInteger(value) && Number(value) > 0,
    expected: "a whole number above 0",
  },
} as const;

type Check = keyof typeof checks | readonly string[];

const attempts = { "attempts?": "positive" } as const;

/** The fields of each fault; those with `?` can be left out. */
const FIELDS: { readonly [Kind in FaultKind]: Readonly<Record<string, Check>> } = {
  timestamp: { offsetSeconds: "number", ...attempts },
  wrong_secret: attempts,
  rotated_secret: attempts,
  unsigned: attempts,
  unknown_version: { "version?": "text", ...attempts },
  extra_signatures: attempts,
  truncated_body: { "bytes?": "count", ...attempts },
  slow_upload: { seconds: "number", ...attempts },
  content_encoding: { encoding: ["gzip", "deflate", "br"], ...attempts },
  copies: { count: "positive", timing: ["together", "in_turn"] },
  reordered: {},
  unknown_type: { "type?": "text" },
  extra_fields: {},
};

/** The names of all faults. */
export const faultKinds = Object.keys(FIELDS) as readonly FaultKind[];

/** Whether a fault is one of a request, and not of an event or of how often and when it is delivered. */
export function isRequestFault(fault: Fault): fault is RequestFault {
  return "attempts?" in FIELDS[fault.kind];
}

/**
 * Checks faults, which may come from JSON or a command line.
 *
 * @throws {TypeError} for an unknown kind, a missing or unknown field, a wrong value
 */
export function checkFaults(faults: readonly Fault[]): void {
  for (const { kind, ...fields } of faults) {
    if (!faultKinds.includes(kind)) {
      throw new TypeError(`There is no fault ${JSON.stringify(kind)}: use one of ${faultKinds.join(", ")}.`);
    }
    checkFields(kind, fields);
  }
}

/**
 * Checks the faults of a replay, whose event is what it was.
 *
 * @throws {TypeError} as {@link checkFaults}, and for a fault that is none of a request
 */
export function checkRequestFaults(faults: readonly Fault[]): void {
  checkFaults(faults);
  const other = faults.find((fault) => !isRequestFault(fault));
  if (other !== undefined) {
    throw new TypeError(`A replay cannot have the fault ${other.kind}: emit the event again instead.`);
  }
}

function checkFields(kind: FaultKind, fields: Readonly<Record<string, unknown>>): void {
  const known = Object.entries(FIELDS[kind]).map(([field, check]) => {
    const name = field.replace("?", "");
    return { name, check, isOptional: name !== field };
  });
  const names = known.map(({ name }) => name);
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`The fault ${kind} has no ${unknown}: it takes ${names.join(", ") || "nothing"}.`);
  }
  for (const { name, check, isOptional } of known) {
    const value = fields[name];
    if (isOptional && value === undefined) continue;
    const { passes, expected } = typeof check === "string" ? checks[check] : oneOf(check);
    if (!passes(value)) throw new TypeError(`${name} of the fault ${kind} is not ${expected}: give that.`);
  }
}

function oneOf(values: readonly unknown[]) {
  return {
    passes: (value: unknown) => values.includes(value),
    expected: `one of ${values.join(", ")}`,
  };
}

import { type Fault, type FaultKind, MAX_LATE_SECONDS, type RequestFault } from "./faults.js";

/** More would only keep this machine busy: a receiver that handles 1,000 copies once handles any number once. */
const MAX_COPIES = 1000;
/** More than twice the number of kinds; each one may sign or compress the body again. */
const MAX_FAULTS = 32;
/** Beyond this a timestamp has more digits than Unix seconds. */
const MAX_OFFSET_SECONDS = 1_000_000_000;
/** The longest `attemptTimeoutSeconds`. */
const MAX_UPLOAD_SECONDS = 3600;

const isFrom = (least: number, most: number, value: unknown) =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

const checks = {
  offset: {
    passes: (value: unknown) => Number.isFinite(value) && Math.abs(Number(value)) <= MAX_OFFSET_SECONDS,
    expected: `a number from -${MAX_OFFSET_SECONDS} to ${MAX_OFFSET_SECONDS}`,
  },
  duration: {
    passes: (value: unknown) => typeof value === "number" && value >= 0 && value <= MAX_UPLOAD_SECONDS,
    expected: `a number from 0 to ${MAX_UPLOAD_SECONDS}`,
  },
  string: { passes: (value: unknown) => typeof value === "string", expected: "a string" },
  // It is sent in a header.
  word: {
    passes: (value: unknown) => typeof value === "string" && /^[\x21-\x7e]{1,100}$/.test(value),
    expected: "1 to 100 characters of visible ASCII",
  },
  count: {
    passes: (value: unknown) => isFrom(0, Number.MAX_SAFE_INTEGER, value),
    expected: "a whole number of 0 or more",
  },
  positive: {
    passes: (value: unknown) => isFrom(1, Number.MAX_SAFE_INTEGER, value),
    expected: "a whole number above 0",
  },
  copies: {
    passes: (value: unknown) => isFrom(1, MAX_COPIES, value),
    expected: `a whole number from 1 to ${MAX_COPIES}`,
  },
  lateness: {
    passes: (value: unknown) => isFrom(1, MAX_LATE_SECONDS, value),
    expected: `a whole number from 1 to ${MAX_LATE_SECONDS}`,
  },
} as const;

type Check = keyof typeof checks | readonly string[];

const attempts = { "attempts?": "positive" } as const;

/** The fields of each fault; those with `?` are optional. */
const FIELDS: { readonly [Kind in FaultKind]: Readonly<Record<string, Check>> } = {
  timestamp: { offsetSeconds: "offset", ...attempts },
  wrong_secret: attempts,
  rotated_secret: attempts,
  unsigned: attempts,
  unknown_version: { "version?": "word", ...attempts },
  extra_signatures: attempts,
  truncated_body: { "bytes?": "count", ...attempts },
  slow_upload: { seconds: "duration", ...attempts },
  content_encoding: { encoding: ["gzip", "deflate", "br"], ...attempts },
  copies: { count: "copies", timing: ["together", "in_turn"] },
  repeated_event: { count: "copies", timing: ["together", "in_turn"] },
  out_of_order: { "seconds?": "lateness" },
  reordered: {},
  unknown_type: { "type?": "string" },
  extra_fields: {},
};

/** The kinds of all faults. */
export const faultKinds = Object.keys(FIELDS) as readonly FaultKind[];

/** Returns whether a fault is one of single requests: only these can be replayed. */
export function isRequestFault(fault: Fault): fault is RequestFault {
  return "attempts?" in FIELDS[fault.kind];
}

/**
 * Validates faults, which may come from JSON or a command line.
 *
 * @throws {TypeError} for too many faults, an unknown kind, a missing or unknown field, or an invalid value
 */
export function assertFaults(faults: readonly Fault[]): void {
  if (faults.length > MAX_FAULTS) {
    throw new TypeError(`There are ${faults.length} faults: pass at most ${MAX_FAULTS}.`);
  }
  for (const fault of faults) {
    if (typeof fault !== "object" || fault === null) {
      throw new TypeError(`A fault must be an object with a kind: use one of ${faultKinds.join(", ")}.`);
    }
    const { kind, ...fields } = fault;
    if (!faultKinds.includes(kind)) {
      throw new TypeError(`${JSON.stringify(kind)} is not a fault: use one of ${faultKinds.join(", ")}.`);
    }
    assertFields(kind, fields);
  }
}

/**
 * Validates the faults of a replay: its event and number are fixed.
 *
 * @throws {TypeError} as {@link assertFaults}, and for a fault that is not a {@link RequestFault}
 */
export function assertRequestFaults(faults: readonly Fault[]): void {
  assertFaults(faults);
  const other = faults.find((fault) => !isRequestFault(fault));
  if (other !== undefined) {
    throw new TypeError(`A replay cannot have the fault ${other.kind}: emit the event again instead.`);
  }
}

function assertFields(kind: FaultKind, fields: Readonly<Record<string, unknown>>): void {
  const known = Object.entries(FIELDS[kind]).map(([field, check]) => {
    const name = field.replace("?", "");
    return { name, check, isOptional: name !== field };
  });
  const names = known.map(({ name }) => name);
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const instead = names.length === 0 ? "it has none" : `use ${names.join(", ")}`;
    throw new TypeError(`The fault ${kind} has no field ${JSON.stringify(unknown)}: ${instead}.`);
  }
  for (const { name, check, isOptional } of known) {
    const value = fields[name];
    if (isOptional && value === undefined) continue;
    const { passes, expected } = typeof check === "string" ? checks[check] : toChoiceCheck(check);
    if (!passes(value)) throw new TypeError(`${name} of the fault ${kind} must be ${expected}.`);
  }
}

function toChoiceCheck(values: readonly unknown[]) {
  return {
    passes: (value: unknown) => values.includes(value),
    expected: `one of ${values.join(", ")}`,
  };
}

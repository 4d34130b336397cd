import { InvalidArgumentError, Option } from "commander";

import { assertFaults } from "../../faults/assert-faults.js";
import type { Fault, FaultKind } from "../../faults/faults.js";
import { repeatable, suggest } from "./shared-options.js";

/** A fault as the command line offers it. */
interface FaultName<Kind extends FaultKind> {
  help: string;
  /** A placeholder for the value after `=`. */
  value?: string;
  /** @param value as typed, not validated */
  make(value?: string): Extract<Fault, { kind: Kind }>;
}

/** The names of each kind of fault: a kind without a name does not compile. */
const faultsByKind = {
  copies: {
    duplicate: {
      value: "COUNT",
      help: "duplicates, one after the other (default 2 in all, at most 1000)",
      make: (count = "2") => ({ kind: "copies", count: Number(count), timing: "in_turn" }),
    },
    concurrent: {
      value: "COUNT",
      help: "duplicates at the same time (default 2 in all, at most 1000)",
      make: (count = "2") => ({ kind: "copies", count: Number(count), timing: "together" }),
    },
  },
  repeated_event: {
    "new-id": {
      value: "COUNT",
      help: "same event again with a new id (default 2 in all, at most 1000)",
      make: (count = "2") => ({ kind: "repeated_event", count: Number(count), timing: "in_turn" }),
    },
  },
  out_of_order: {
    "out-of-order": {
      value: "SECONDS",
      help: "event dated this much earlier, as if later ones had overtaken it (default 86400)",
      make: (seconds) => ({
        kind: "out_of_order",
        ...(seconds !== undefined && { seconds: Number(seconds) }),
      }),
    },
  },
  reordered: {
    reordered: { help: "events in reverse order (scenario only)", make: () => ({ kind: "reordered" }) },
  },
  timestamp: {
    stale: {
      value: "SECONDS",
      help: "signed this long ago (default 3600)",
      make: (seconds = "3600") => ({ kind: "timestamp", offsetSeconds: -Number(seconds) }),
    },
    future: {
      value: "SECONDS",
      help: "dated this far in the future (default 3600)",
      make: (seconds = "3600") => ({ kind: "timestamp", offsetSeconds: Number(seconds) }),
    },
  },
  wrong_secret: {
    "wrong-secret": { help: "signed with another secret", make: () => ({ kind: "wrong_secret" }) },
  },
  rotated_secret: {
    "rotated-secret": { help: "signed with an old secret as well", make: () => ({ kind: "rotated_secret" }) },
  },
  unsigned: {
    unsigned: { help: "without the header webhook-signature", make: () => ({ kind: "unsigned" }) },
  },
  unknown_version: {
    "unknown-version": {
      value: "NAME",
      help: "signature of another version than v1 (default v2)",
      make: (version = "v2") => ({ kind: "unknown_version", version }),
    },
  },
  extra_signatures: {
    "extra-signatures": {
      help: "unknown and malformed signatures beside the valid one",
      make: () => ({ kind: "extra_signatures" }),
    },
  },
  truncated_body: {
    truncated: {
      value: "BYTES",
      help: "only the first bytes of the body (default half of it)",
      make: (bytes) => ({ kind: "truncated_body", ...(bytes !== undefined && { bytes: Number(bytes) }) }),
    },
  },
  slow_upload: {
    slow: {
      value: "SECONDS",
      help: "body sent over this time (default 3)",
      make: (seconds = "3") => ({ kind: "slow_upload", seconds: Number(seconds) }),
    },
  },
  content_encoding: {
    compressed: {
      value: "ENCODING",
      help: "compressed body: gzip, deflate or br (default gzip)",
      make: (encoding = "gzip") => ({ kind: "content_encoding", encoding: encoding as "gzip" }),
    },
  },
  unknown_type: {
    "unknown-type": {
      value: "TYPE",
      help: "an event type that does not exist (default message.teleported)",
      make: (type) => ({ kind: "unknown_type", ...(type !== undefined && { type }) }),
    },
  },
  extra_fields: {
    "extra-fields": { help: "fields that do not exist", make: () => ({ kind: "extra_fields" }) },
  },
} satisfies { [Kind in FaultKind]: Readonly<Record<string, FaultName<Kind>>> };

const faults: Readonly<Record<string, FaultName<FaultKind>>> = Object.fromEntries(
  Object.values(faultsByKind).flatMap((names) => Object.entries<FaultName<FaultKind>>(names)),
);

/** The values of `--fault`. */
export const faultNames: readonly string[] = Object.keys(faults);

/** Creates the repeatable option `--fault`: a list of faults that apply together. */
export function faultOption(): Option {
  return new Option("--fault <name>", "alter the delivery (repeatable; see Faults below)").argParser(
    repeatable(parseFault),
  );
}

/** Returns the section of a help text that explains `--fault`. */
export function faultHelp(): string {
  const names = Object.entries(faults).map(([name, { value, help }]) => {
    const form = value === undefined ? name : `${name}[=${value}]`;
    return `  ${form.padEnd(24)}${help}`;
  });
  return [
    "",
    "Faults:",
    ...names,
    "Append @N to alter only the first N attempts, such as wrong-secret@2.",
  ].join("\n");
}

/**
 * Parses a fault of the command line: `stale`, `stale=600`, `stale=600@1`.
 *
 * @throws {InvalidArgumentError}
 */
export function parseFault(text: string): Fault {
  const [, name = "", value, attempts] = /^([a-z-]+)(?:=(.+?))?(?:@([0-9]+))?$/.exec(text) ?? [];
  const known = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (known === undefined) throw new InvalidArgumentError(suggest(name, faultNames));
  if (value !== undefined && known.value === undefined)
    throw new InvalidArgumentError("This fault has no value.");
  const fault = { ...known.make(value), ...(attempts !== undefined && { attempts: Number(attempts) }) };
  try {
    assertFaults([fault]);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return fault;
}

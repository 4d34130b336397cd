import { InvalidArgumentError, Option } from "commander";

import { assertFaults } from "../../faults/assert-faults.js";
import type { Fault } from "../../faults/faults.js";
import { repeatable } from "./shared-options.js";

/** What a fault is called on the command line. */
interface FaultName {
  help: string;
  /** What may follow the name and `=`. */
  value?: string;
  /** @param value as it was written, not checked */
  make(value?: string): Fault;
}

const faults: Readonly<Record<string, FaultName>> = {
  duplicate: {
    value: "COUNT",
    help: "the same delivery again, after the first attempt (2 in all, at most 1000)",
    make: (count = "2") => ({ kind: "copies", count: Number(count), timing: "in_turn" }),
  },
  concurrent: {
    value: "COUNT",
    help: "the same delivery at the same time (2 in all, at most 1000)",
    make: (count = "2") => ({ kind: "copies", count: Number(count), timing: "together" }),
  },
  reordered: { help: "several events in reverse order (scenario)", make: () => ({ kind: "reordered" }) },
  stale: {
    value: "SECONDS",
    help: "signed so long ago (3600)",
    make: (seconds = "3600") => ({ kind: "timestamp", offsetSeconds: -Number(seconds) }),
  },
  future: {
    value: "SECONDS",
    help: "signed so far ahead (3600)",
    make: (seconds = "3600") => ({ kind: "timestamp", offsetSeconds: Number(seconds) }),
  },
  "wrong-secret": { help: "signed with another secret", make: () => ({ kind: "wrong_secret" }) },
  "rotated-secret": { help: "signed with another secret, too", make: () => ({ kind: "rotated_secret" }) },
  unsigned: { help: "without webhook-signature", make: () => ({ kind: "unsigned" }) },
  "unknown-version": {
    value: "NAME",
    help: "signed as another version than v1 (v2)",
    make: (version = "v2") => ({ kind: "unknown_version", version }),
  },
  "extra-signatures": {
    help: "unknown and malformed entries beside the right one",
    make: () => ({ kind: "extra_signatures" }),
  },
  truncated: {
    value: "BYTES",
    help: "only the first bytes of the body (half of it)",
    make: (bytes) => ({ kind: "truncated_body", ...(bytes !== undefined && { bytes: Number(bytes) }) }),
  },
  slow: {
    value: "SECONDS",
    help: "the body takes so long to be sent (3)",
    make: (seconds = "3") => ({ kind: "slow_upload", seconds: Number(seconds) }),
  },
  compressed: {
    value: "ENCODING",
    help: "gzip, deflate or br (gzip)",
    make: (encoding = "gzip") => ({ kind: "content_encoding", encoding: encoding as "gzip" }),
  },
  "unknown-type": {
    value: "TYPE",
    help: "a type that did not exist yesterday (message.teleported)",
    make: (type) => ({ kind: "unknown_type", ...(type !== undefined && { type }) }),
  },
  "extra-fields": { help: "fields that did not exist yesterday", make: () => ({ kind: "extra_fields" }) },
};

/** What can be given to `--fault`. */
export const faultNames: readonly string[] = Object.keys(faults);

/** `--fault`, as often as needed: a list of faults that come together. */
export function faultOption(): Option {
  return new Option("--fault <name>", "spoil the delivery; as often as needed, see below").argParser(
    repeatable(parseFault),
  );
}

/** The part of a help text that explains `--fault`. */
export function faultHelp(): string {
  const names = Object.entries(faults).map(([name, { value, help }]) => {
    const form = value === undefined ? name : `${name}[=${value}]`;
    return `  ${form.padEnd(24)}${help}`;
  });
  return [
    "",
    "Faults:",
    ...names,
    "With @N at its end a fault is in the first N attempts only: wrong-secret@2",
  ].join("\n");
}

/**
 * Reads a fault as it is written on the command line: `stale`, `stale=600`, `stale=600@1`.
 *
 * @throws {InvalidArgumentError}
 */
export function parseFault(text: string): Fault {
  const [, name = "", value, attempts] = /^([a-z-]+)(?:=(.+?))?(?:@([0-9]+))?$/.exec(text) ?? [];
  const known = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (known === undefined) throw new InvalidArgumentError(`Use one of ${faultNames.join(", ")}.`);
  if (value !== undefined && known.value === undefined) throw new InvalidArgumentError("It takes no value.");
  const fault = { ...known.make(value), ...(attempts !== undefined && { attempts: Number(attempts) }) };
  try {
    assertFaults([fault]);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return fault;
}

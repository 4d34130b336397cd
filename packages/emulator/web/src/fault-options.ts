import { isRequestFault } from "../../src/faults/assert-faults.js";
import type { Fault, FaultKind } from "../../src/faults/faults.js";

/** A number, a text or a choice that a fault takes. */
export interface FaultField {
  name: string;
  label: string;
  input: "number" | "text" | readonly string[];
  /** What it means to leave it empty, if that may be. */
  empty?: string;
}

/** How a fault is offered. */
interface FaultOption<Kind extends FaultKind> {
  label: string;
  /** What a sound receiver makes of it. */
  hint: string;
  initial: Extract<Fault, { kind: Kind }>;
  fields?: readonly FaultField[];
}

const attempts: FaultField = {
  name: "attempts",
  label: "first attempts only",
  input: "number",
  empty: "all",
};

/** The faults, as they are offered: those that must be refused, then those that must be accepted. */
export const faultOptions: { readonly [Kind in FaultKind]: FaultOption<Kind> } = {
  timestamp: {
    label: "Stale or future timestamp",
    hint: "Refused when it is more than 300 s away.",
    initial: { kind: "timestamp", offsetSeconds: -600 },
    fields: [{ name: "offsetSeconds", label: "seconds from now", input: "number" }, attempts],
  },
  wrong_secret: {
    label: "Wrong secret",
    hint: "Signed with a secret that the receiver does not know: refused.",
    initial: { kind: "wrong_secret" },
    fields: [attempts],
  },
  unsigned: {
    label: "No signature",
    hint: "Without the header webhook-signature: refused.",
    initial: { kind: "unsigned" },
    fields: [attempts],
  },
  unknown_version: {
    label: "Unknown signature version",
    hint: "No entry of version v1: refused.",
    initial: { kind: "unknown_version" },
    fields: [{ name: "version", label: "version", input: "text", empty: "v2" }, attempts],
  },
  truncated_body: {
    label: "Truncated body",
    hint: "Ends before the signed body does: refused.",
    initial: { kind: "truncated_body" },
    fields: [{ name: "bytes", label: "after bytes", input: "number", empty: "half" }, attempts],
  },
  content_encoding: {
    label: "Compressed body",
    hint: "AhaSend never compresses: refused.",
    initial: { kind: "content_encoding", encoding: "gzip" },
    fields: [{ name: "encoding", label: "encoding", input: ["gzip", "deflate", "br"] }, attempts],
  },
  slow_upload: {
    label: "Slow upload",
    hint: "The body takes its time to come: accepted, or given up by the receiver.",
    initial: { kind: "slow_upload", seconds: 2 },
    fields: [{ name: "seconds", label: "seconds", input: "number" }, attempts],
  },
  rotated_secret: {
    label: "Rotated secret",
    hint: "Signed with an old secret and with the right one: accepted.",
    initial: { kind: "rotated_secret" },
    fields: [attempts],
  },
  extra_signatures: {
    label: "Extra signatures",
    hint: "Entries of other versions around the right one: accepted.",
    initial: { kind: "extra_signatures" },
    fields: [attempts],
  },
  copies: {
    label: "Duplicates",
    hint: "The same delivery several times: accepted, and worked on once.",
    initial: { kind: "copies", count: 2, timing: "together" },
    fields: [
      { name: "count", label: "times in all", input: "number" },
      { name: "timing", label: "sent", input: ["together", "in_turn"] },
    ],
  },
  reordered: {
    label: "Reordered",
    hint: "Several events in reverse order: accepted.",
    initial: { kind: "reordered" },
  },
  unknown_type: {
    label: "Unknown event type",
    hint: "A type that did not exist yesterday: accepted, and ignored.",
    initial: { kind: "unknown_type" },
    fields: [{ name: "type", label: "type", input: "text", empty: "message.teleported" }],
  },
  extra_fields: {
    label: "Extra fields",
    hint: "Unknown fields in the envelope and in data: accepted.",
    initial: { kind: "extra_fields" },
  },
};

const all = Object.keys(faultOptions) as FaultKind[];

/** What can be wrong with a request: a replay can have these. */
export const requestFaults = all.filter((kind) => isRequestFault(faultOptions[kind].initial));

/** What one event can have. */
export const eventFaults = all.filter((kind) => kind !== "reordered");

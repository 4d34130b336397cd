import { contract } from "@ahasend-webhooks/core/contract";

import { isRequestFault } from "../../src/faults/assert-faults.js";
import type { Fault, FaultKind } from "../../src/faults/faults.js";

/** A setting of a fault: a number, a string or a choice. */
export interface FaultField {
  name: string;
  label: string;
  input: "number" | "text" | readonly string[];
  /** The meaning of an empty field. Left out: the field is required. */
  empty?: string;
}

/** A fault as the page offers it. */
interface FaultOption<Kind extends FaultKind> {
  label: string;
  /** The correct behaviour of a receiver. */
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

/** The faults in display order: first those that must be refused, then those that must be accepted. */
export const faultOptions: { readonly [Kind in FaultKind]: FaultOption<Kind> } = {
  timestamp: {
    label: "Stale or future timestamp",
    hint: `Must be refused if it is more than ${contract.toleranceSeconds} s off.`,
    initial: { kind: "timestamp", offsetSeconds: -2 * contract.toleranceSeconds },
    fields: [{ name: "offsetSeconds", label: "seconds from now", input: "number" }, attempts],
  },
  wrong_secret: {
    label: "Wrong secret",
    hint: "Signed with a secret the receiver does not know. Must be refused.",
    initial: { kind: "wrong_secret" },
    fields: [attempts],
  },
  unsigned: {
    label: "No signature",
    hint: "The webhook-signature header is missing. Must be refused.",
    initial: { kind: "unsigned" },
    fields: [attempts],
  },
  unknown_version: {
    label: "Unknown signature version",
    hint: "There is no v1 entry. Must be refused.",
    initial: { kind: "unknown_version" },
    fields: [{ name: "version", label: "version", input: "text", empty: "v2" }, attempts],
  },
  truncated_body: {
    label: "Truncated body",
    hint: "The body is cut short. Must be refused.",
    initial: { kind: "truncated_body" },
    fields: [{ name: "bytes", label: "bytes to keep", input: "number", empty: "half" }, attempts],
  },
  content_encoding: {
    label: "Compressed body",
    hint: "AhaSend never compresses. Must be refused.",
    initial: { kind: "content_encoding", encoding: "gzip" },
    fields: [{ name: "encoding", label: "encoding", input: ["gzip", "deflate", "br"] }, attempts],
  },
  slow_upload: {
    label: "Slow upload",
    hint: "The body arrives slowly. Accepted, or refused as too slow.",
    initial: { kind: "slow_upload", seconds: 2 },
    fields: [{ name: "seconds", label: "seconds", input: "number" }, attempts],
  },
  rotated_secret: {
    label: "Rotated secret",
    hint: "Signed with an old secret and the right one. Must be accepted.",
    initial: { kind: "rotated_secret" },
    fields: [attempts],
  },
  extra_signatures: {
    label: "Extra signatures",
    hint: "Entries of other versions around the right one. Must be accepted.",
    initial: { kind: "extra_signatures" },
    fields: [attempts],
  },
  copies: {
    label: "Duplicates",
    hint: "The same delivery several times. Must be accepted and handled once.",
    initial: { kind: "copies", count: 2, timing: "together" },
    fields: [
      { name: "count", label: "copies in total", input: "number" },
      { name: "timing", label: "sent", input: ["together", "in_turn"] },
    ],
  },
  repeated_event: {
    label: "Same event, new id",
    hint: "The same event under several ids. Must be accepted; its effect must not repeat.",
    initial: { kind: "repeated_event", count: 2, timing: "in_turn" },
    fields: [
      { name: "count", label: "deliveries in total", input: "number" },
      { name: "timing", label: "sent", input: ["together", "in_turn"] },
    ],
  },
  out_of_order: {
    label: "Event out of order",
    hint: "An event that later ones have overtaken. Must be accepted, and must not undo them.",
    initial: { kind: "out_of_order" },
    fields: [{ name: "seconds", label: "seconds earlier", input: "number", empty: "86400" }],
  },
  reordered: {
    label: "Reordered",
    hint: "Several events in reverse order. Must be accepted.",
    initial: { kind: "reordered" },
  },
  unknown_type: {
    label: "Unknown event type",
    hint: "A type that does not exist yet. Must be accepted and ignored.",
    initial: { kind: "unknown_type" },
    fields: [{ name: "type", label: "type", input: "text", empty: "message.teleported" }],
  },
  extra_fields: {
    label: "Extra fields",
    hint: "Unknown fields in the envelope and in data. Must be accepted.",
    initial: { kind: "extra_fields" },
  },
};

const all = Object.keys(faultOptions) as FaultKind[];

/** The faults that alter a request: a replay can have these. */
export const requestFaults = all.filter((kind) => isRequestFault(faultOptions[kind].initial));

/** The faults that a single event can have. */
export const eventFaults = all.filter((kind) => kind !== "reordered");

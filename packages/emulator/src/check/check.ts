import type { Probe } from "./probe/probe.js";

/**
 * How a check came out. `warned`: works with AhaSend, and could be better. `unknown`: could not be judged, and why is
 * in `came`.
 */
export type CheckVerdict = "passed" | "failed" | "warned" | "unknown";

/** What a check found. */
export interface Finding {
  verdict: CheckVerdict;
  /** What came, in words. */
  came: string;
  /** What this finding asks for, when that is not the cure of the rule. */
  cure?: string;
}

/** Something that a receiver of AhaSend's webhooks must do, or had better do. */
export interface CheckRule {
  /** The group and the name in it: `forged/wrong-secret`. */
  readonly name: string;
  /** What the receiver does: "refuses …". */
  readonly rule: string;
  /** What is sent to find out, in words. */
  readonly sent: string;
  /** What must come. */
  readonly expected: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** What to do when it does not hold. */
  readonly cure: string;
  /** The name of the check that must hold, or this one says nothing. */
  readonly restsOn?: string;
}

/** A rule, and how to find out whether a receiver keeps to it. */
export interface Check extends CheckRule {
  /** What is refused proves nothing about a receiver that refuses everything; what is taken does. */
  readonly must?: "refuse";
  readonly run: (probe: Probe) => Promise<Finding>;
}

/** What all other checks rest on, directly or not. */
export const FIRST_CHECK = "reach/genuine";

/** The rule holds. */
export const passed = (came: string): Finding => ({ verdict: "passed", came });
/** Nothing can be said, for a reason. */
export const unknown = (came: string): Finding => ({ verdict: "unknown", came });
/** The rule does not hold, and AhaSend would mind. */
export const failed = (came: string, cure?: string): Finding => ({
  verdict: "failed",
  came,
  ...(cure !== undefined && { cure }),
});
/** The rule does not hold, and AhaSend would not mind. */
export const warned = (came: string, cure?: string): Finding => ({
  ...failed(came, cure),
  verdict: "warned",
});

import type { CheckRule } from "./check-rule.js";
import type { Finding } from "./finding.js";
import type { Probe } from "./probe/probe.js";

/** A rule, and the function that finds out whether a receiver keeps it. */
export interface Check extends CheckRule {
  /**
   * `"refusal"`: a refusal proves nothing while the receiver refuses genuine deliveries too, but an acceptance is a
   * failure even then.
   */
  readonly expects?: "refusal";
  readonly run: (probe: Probe) => Promise<Finding>;
}

/** A requirement or a recommendation for receivers of AhaSend's webhooks. */
export interface CheckRule {
  /** The group, and the name in it: `forged/wrong-secret`. */
  readonly name: string;
  /** The behavior of a receiver that keeps the rule: "refuses …". */
  readonly rule: string;
  /** The requests that are sent to find out. */
  readonly sent: string;
  /** The expected reply. */
  readonly expected: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** The fix for a receiver that breaks the rule. */
  readonly fix: string;
  /** The name of a check that must hold for this one to be conclusive. */
  readonly restsOn?: string;
}

/** The check that all others rest on, directly or not. */
export const BASE_CHECK = "reach/genuine";

/** Returns the group of a check: `forged` for `forged/wrong-secret`. */
export const checkGroup = ({ name }: Pick<CheckRule, "name">): string => name.slice(0, name.indexOf("/"));

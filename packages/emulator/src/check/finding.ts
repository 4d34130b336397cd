/**
 * The outcome of a check. `warned`: works with AhaSend, but could be better. `unknown`: inconclusive; `observed` says
 * why.
 */
export type CheckVerdict = "passed" | "failed" | "warned" | "unknown";

/** The verdict of a check, and what it is based on. */
export interface Finding {
  verdict: CheckVerdict;
  /** The behavior of the receiver, in words. */
  observed: string;
  /** A fix for this finding in particular. @default the fix of the rule */
  fix?: string;
}

/** The receiver keeps the rule. */
export const pass = (observed: string): Finding => ({ verdict: "passed", observed });

/** The receiver breaks the rule, with consequences at AhaSend. */
export const fail = (observed: string, fix?: string): Finding => ({
  verdict: "failed",
  observed,
  ...(fix !== undefined && { fix }),
});

/** The receiver breaks the rule, without consequences at AhaSend. */
export const warn = (observed: string, fix?: string): Finding => ({
  ...fail(observed, fix),
  verdict: "warned",
});

/** The check cannot tell, for the given reason. */
export const inconclusive = (reason: string): Finding => ({ verdict: "unknown", observed: reason });

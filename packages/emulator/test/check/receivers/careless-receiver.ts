import type { RequestListener } from "node:http";

/** A receiver with one fault. */
export interface Careless {
  fault: string;
  receiver: (secret: string) => RequestListener;
  /** The checks that must fail; all others must not. */
  fails: readonly string[];
  /** A pattern that the fix of the first of them must match. */
  fix: RegExp;
  /** Time to wait for a reply that does not come. */
  timeoutSeconds?: number;
}

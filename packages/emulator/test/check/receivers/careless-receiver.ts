import type { RequestListener } from "node:http";

/** A receiver with one fault. */
export interface Careless {
  fault: string;
  receiver: (secret: string) => RequestListener;
  /** The checks that must fail; all others must not. */
  fails: readonly string[];
  /** What the fix of the first of them must mention. */
  fix: RegExp;
  /** How long to wait for a reply, where none comes. */
  timeoutSeconds?: number;
}

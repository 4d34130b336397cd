import type { CheckRule } from "../check-rule.js";
import type { Check } from "../check.js";
import { bodyChecks } from "./bodies.js";
import { deliveryChecks } from "./delivery.js";
import { effectChecks } from "./effects.js";
import { forgedChecks } from "./forged.js";
import { limitChecks } from "./limits.js";
import { reachChecks } from "./reach.js";
import { replyChecks } from "./replies.js";
import { signatureChecks } from "./signatures.js";
import { timeChecks } from "./time.js";
import { typeChecks } from "./types.js";

/** Every check, in the order in which they run: a check comes after the one it rests on. */
export const allChecks: readonly Check[] = [
  ...reachChecks,
  ...typeChecks,
  ...bodyChecks,
  ...signatureChecks,
  ...forgedChecks,
  ...timeChecks,
  ...deliveryChecks,
  ...effectChecks,
  ...limitChecks,
  ...replyChecks,
];

/** The rules that {@link checkEndpoint} checks, in its order. */
export const checkRules: readonly CheckRule[] = allChecks.map(
  ({ expects: _expects, run: _run, ...rule }) => rule,
);

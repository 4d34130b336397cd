import { randomUUID } from "node:crypto";

import type { AhaSendEventType } from "@ahasend-webhooks/core";

import type { CheckRule } from "../check-rule.js";
import type { Check } from "../check.js";
import { type Finding, fail, inconclusive, pass } from "../finding.js";
import { type CheckRequest, signRequest } from "../probe/check-request.js";
import { formatError } from "../probe/exchange.js";
import type { Probe } from "../probe/probe.js";
import { createPlainEvent } from "../probe/sample-events.js";
import type { EffectCounter, EffectPattern } from "./effect-counter.js";

/** A receiver whose effects can be counted. */
export interface EffectView {
  probe: Probe;
  counter: EffectCounter;
  pattern: EffectPattern;
}

/** A check that counts what the handlers did. */
export interface EffectCheck extends CheckRule {
  evaluate: (view: EffectView) => Promise<Finding>;
}

/** Finds out whether effects can be counted at all. */
export async function checkEffectsVisible(probe: Probe): Promise<Finding> {
  const { effects } = probe;
  if (effects === undefined) {
    return inconclusive(
      "not observable from outside: set effects to a URL where the handlers count what they did",
    );
  }
  try {
    const pattern = await detectPattern(effects, probe);
    return pattern === undefined
      ? inconclusive(
          "not observable: no count in the JSON of effects grew by the same number for each of two deliveries",
        )
      : pass(`${pattern.paths.join(", ")}: ${pattern.increment} more for each ${pattern.type}`);
  } catch (error) {
    return fail(`no JSON: ${formatError(error)}`);
  }
}

/** Creates a check that is evaluated only where effects can be counted. */
export function createEffectCheck({ evaluate, ...rule }: EffectCheck): Check {
  return {
    ...rule,
    restsOn: "effects/visible",
    async run(probe) {
      const { effects: counter } = probe;
      if (counter === undefined) return checkEffectsVisible(probe);
      try {
        const pattern = await detectPattern(counter, probe);
        return pattern === undefined
          ? await checkEffectsVisible(probe)
          : await evaluate({ probe, counter, pattern });
      } catch (error) {
        return inconclusive(`no longer observable: ${formatError(error)}`);
      }
    },
  };
}

/** Evaluates whether sending has exactly the effects of a number of deliveries. */
export async function expectEffects(
  deliveries: number,
  { counter, pattern }: EffectView,
  send: () => Promise<unknown>,
): Promise<Finding> {
  const before = await counter.count(pattern);
  await send();
  const after = await counter.waitFor(pattern, before + deliveries * pattern.increment);
  const count = (after - before) / pattern.increment;
  return (count === deliveries ? pass : fail)(`the effects of ${count}`);
}

/** Creates a delivery whose effects can be counted. */
export function signCountable({ pattern }: EffectView, secret: string): CheckRequest {
  return signRequest(secret, createUniqueEvent(pattern.type));
}

function detectPattern(counter: EffectCounter, probe: Probe): Promise<EffectPattern | undefined> {
  return counter.detect((type) => probe.send(signRequest(probe.secret, createUniqueEvent(type))));
}

/** A new recipient each time: a handler may have nothing left to do for a known one. */
function createUniqueEvent(type: AhaSendEventType) {
  return createPlainEvent(type, { recipient: `check-${randomUUID()}@customer.example` });
}

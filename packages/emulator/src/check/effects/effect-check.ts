import { randomUUID } from "node:crypto";

import type { AhaSendEventType } from "@ahasend-webhooks/core";

import type { Check } from "../check.js";
import type { CheckRule } from "../check-rule.js";
import { fail, type Finding, inconclusive, pass } from "../finding.js";
import type { EffectCounter, EffectPattern } from "./effect-counter.js";
import { formatError } from "../probe/exchange.js";
import { type CheckRequest, createPlainEvent, signRequest } from "../probe/check-request.js";
import type { Probe } from "../probe/probe.js";

/** Where effects can be seen, and how. */
export interface EffectView {
  probe: Probe;
  counter: EffectCounter;
  pattern: EffectPattern;
}

/** A check that looks at what the handlers did. */
export interface EffectCheck extends CheckRule {
  evaluate: (view: EffectView) => Promise<Finding>;
}

/** Whether effects can be seen at all. */
export async function checkEffectsVisible(probe: Probe): Promise<Finding> {
  const { effects } = probe;
  if (effects === undefined) {
    return inconclusive(
      "not observable from outside: give effects, a URL where the handlers count what they did",
    );
  }
  try {
    const shown = await detectPattern(effects, probe);
    return shown === undefined
      ? inconclusive(
          "not observable: nothing in the JSON of effects grew by the same for two deliveries in turn",
        )
      : pass(`${shown.paths.join(", ")} by ${shown.increment} for each ${shown.type}`);
  } catch (error) {
    return fail(`no JSON: ${formatError(error)}`);
  }
}

/** Makes a check of a row, for where effects can be seen. */
export function createEffectCheck({ evaluate: find, ...rule }: EffectCheck): Check {
  return {
    ...rule,
    restsOn: "effects/visible",
    async run(probe) {
      const { effects: counter } = probe;
      if (counter === undefined) return checkEffectsVisible(probe);
      try {
        const shown = await detectPattern(counter, probe);
        return shown === undefined
          ? await checkEffectsVisible(probe)
          : await find({ probe, counter, pattern: shown });
      } catch (error) {
        return inconclusive(`not observable any more: ${formatError(error)}`);
      }
    },
  };
}

/** Whether what is sent has the effects of so many deliveries, no more and no less. */
export async function expectEffects(
  deliveries: number,
  { counter, pattern: shown }: EffectView,
  send: () => Promise<unknown>,
): Promise<Finding> {
  const before = await counter.count(shown);
  await send();
  const after = await counter.waitFor(shown, before + deliveries * shown.increment);
  const came = `the effects of ${(after - before) / shown.increment}`;
  return after - before === deliveries * shown.increment ? pass(came) : fail(came);
}

/** A delivery whose effects can be counted. */
export function signCountable({ pattern: shown }: EffectView, secret: string): CheckRequest {
  return signRequest(secret, createUniqueEvent(shown.type));
}

function detectPattern(counter: EffectCounter, probe: Probe): Promise<EffectPattern | undefined> {
  return counter.detect((type) => probe.send(signRequest(probe.secret, createUniqueEvent(type))));
}

/** Another recipient each time: who is told twice of the same one may have nothing to do. */
function createUniqueEvent(type: AhaSendEventType) {
  return createPlainEvent(type, { recipient: `check-${randomUUID()}@customer.example` });
}

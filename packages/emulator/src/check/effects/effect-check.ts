import { randomUUID } from "node:crypto";

import type { AhaSendEventType } from "@ahasend-webhooks/core";

import { type Check, type CheckRule, type Finding, failed, passed, unknown } from "../check.js";
import type { EffectCounter, Shown } from "./effect-counter.js";
import { errorInWords } from "../probe/exchange.js";
import { type Message, plainEvent, signed } from "../probe/check-request.js";
import type { Probe } from "../probe/probe.js";

/** Where effects can be seen, and how. */
export interface View {
  probe: Probe;
  counter: EffectCounter;
  shown: Shown;
}

/** A check that looks at what the handlers did. */
export interface SeenRow extends CheckRule {
  find: (view: View) => Promise<Finding>;
}

/** Whether effects can be seen at all. */
export async function findEffects(probe: Probe): Promise<Finding> {
  const { effects } = probe;
  if (effects === undefined) {
    return unknown("not observable from outside: give effects, a URL where the handlers count what they did");
  }
  try {
    const shown = await shownBy(effects, probe);
    return shown === undefined
      ? unknown("not observable: nothing in the JSON of effects grew by the same for two deliveries in turn")
      : passed(`${shown.places.join(", ")} by ${shown.by} for each ${shown.type}`);
  } catch (error) {
    return failed(`no JSON: ${errorInWords(error)}`);
  }
}

/** Makes a check of a row, for where effects can be seen. */
export function seen({ find, ...rule }: SeenRow): Check {
  return {
    ...rule,
    restsOn: "effects/visible",
    async run(probe) {
      const { effects: counter } = probe;
      if (counter === undefined) return findEffects(probe);
      try {
        const shown = await shownBy(counter, probe);
        return shown === undefined ? await findEffects(probe) : await find({ probe, counter, shown });
      } catch (error) {
        return unknown(`not observable any more: ${errorInWords(error)}`);
      }
    },
  };
}

/** Whether what is sent has the effects of so many deliveries, no more and no less. */
export async function effectsOf(
  deliveries: number,
  { counter, shown }: View,
  send: () => Promise<unknown>,
): Promise<Finding> {
  const before = await counter.count(shown);
  await send();
  const after = await counter.settled(shown, before + deliveries * shown.by);
  const came = `the effects of ${(after - before) / shown.by}`;
  return after - before === deliveries * shown.by ? passed(came) : failed(came);
}

/** A delivery whose effects can be counted. */
export function countable({ shown }: View, secret: string): Message {
  return signed(secret, eventFor(shown.type));
}

function shownBy(counter: EffectCounter, probe: Probe): Promise<Shown | undefined> {
  return counter.shown((type) => probe.send(signed(probe.secret, eventFor(type))));
}

/** Another recipient each time: who is told twice of the same one may have nothing to do. */
function eventFor(type: AhaSendEventType) {
  return plainEvent(type, { recipient: `check-${randomUUID()}@customer.example` });
}

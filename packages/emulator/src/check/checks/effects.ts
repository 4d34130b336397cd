import { BASE_CHECK } from "../check-rule.js";
import type { Check } from "../check.js";
import { contractSource } from "../contract-source.js";
import {
  checkEffectsVisible,
  createEffectCheck,
  expectEffects,
  signCountable,
} from "../effects/effect-check.js";
import { fail, inconclusive, pass } from "../finding.js";
import { formatExchange } from "../probe/exchange.js";

const DUPLICATES = 5;
const DELIVERIES = 5;
const DEDUPLICATE =
  "Claim the header webhook-id before the work, in one atomic step (INSERT … ON CONFLICT DO NOTHING, SET … NX), and acknowledge duplicates without repeating the work. Several processes must share one store.";

/** The effects of deliveries, where they can be counted: a status says nothing about the work. */
export const effectChecks: readonly Check[] = [
  {
    name: "effects/visible",
    rule: "lets its effects be counted",
    sent: "two genuine deliveries, one after the other, and a look at the effects before and after each",
    expected: "JSON in which numbers or lists grow by the same for each",
    source: "a status does not show what was done",
    fix: "Set effects to a URL of the receiver that replies to GET with 200 and JSON in which the handlers count what they did.",
    restsOn: BASE_CHECK,
    run: checkEffectsVisible,
  },
  createEffectCheck({
    name: "effects/before-reply",
    rule: "finishes the work before it replies",
    sent: `${DELIVERIES} genuine deliveries, one after the other, and a look at the effects after each reply`,
    expected: "the effects of each by the time of its reply",
    source: contractSource("How it is delivered", "success is any 2xx"),
    fix: "Await the work before you reply: AhaSend does not repeat what is lost after a 2xx. If the work is in a durable queue by then, set the option queued.",
    async evaluate(view) {
      const { probe, counter, pattern } = view;
      if (probe.settings.queued) return inconclusive("not observable: queued work may be done later");
      for (let delivery = 1; delivery <= DELIVERIES; delivery += 1) {
        const expected = (await counter.count(pattern)) + pattern.increment;
        const reply = formatExchange(await probe.send(signCountable(view, probe.secret)));
        if ((await counter.count(pattern)) >= expected) continue;
        const isLate = (await counter.waitFor(pattern, expected)) >= expected;
        return fail(isLate ? `${reply}, and the effects later` : `${reply}, and no effects`);
      }
      return pass(`the effects of all ${DELIVERIES}`);
    },
  }),
  createEffectCheck({
    name: "effects/once",
    rule: "does the work of a delivery once, even if it is repeated",
    sent: "a genuine delivery twice, and another one",
    expected: "the effects of 2",
    source: contractSource("How it is delivered", "at least once"),
    fix: DEDUPLICATE,
    evaluate: (view) =>
      expectEffects(2, view, async () => {
        const repeated = signCountable(view, view.probe.secret);
        for (const request of [repeated, repeated, signCountable(view, view.probe.secret)])
          await view.probe.send(request);
      }),
  }),
  createEffectCheck({
    name: "effects/once-when-concurrent",
    rule: "does the work of a delivery once, even if duplicates arrive at the same time",
    sent: `${DUPLICATES} duplicates of a genuine delivery at the same time`,
    expected: "the effects of 1",
    source: contractSource("How it is delivered", "possibly the same id twice at the same time"),
    fix: DEDUPLICATE,
    evaluate: (view) =>
      expectEffects(1, view, async () => {
        const request = signCountable(view, view.probe.secret);
        await Promise.all(Array.from({ length: DUPLICATES }, async () => view.probe.send(request)));
      }),
  }),
  createEffectCheck({
    name: "effects/none-when-forged",
    rule: "does nothing for a forged delivery",
    sent: "a delivery that is signed with another secret, and a genuine one",
    expected: "the effects of 1",
    source: contractSource("The request"),
    fix: "Verify the signature before you start any work: a refusal does not undo it.",
    evaluate: (view) =>
      expectEffects(1, view, async () => {
        for (const secret of [`${view.probe.secret}x`, view.probe.secret])
          await view.probe.send(signCountable(view, secret));
      }),
  }),
];

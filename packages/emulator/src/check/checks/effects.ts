import type { Check } from "../check.js";
import { BASE_CHECK } from "../check-rule.js";
import { fail, inconclusive, pass } from "../finding.js";
import { contractSource } from "../contract-source.js";
import { formatExchange } from "../probe/exchange.js";
import {
  signCountable,
  expectEffects,
  checkEffectsVisible,
  createEffectCheck,
} from "../effects/effect-check.js";

const DELIVERY = contractSource("“How it is delivered”");
const COPIES = 5;
const ATTEMPTS = 5;
const DEDUPE =
  "Claim the header webhook-id before the work, in one atomic step (INSERT … ON CONFLICT DO NOTHING, SET … NX), and acknowledge copies without doing it again. Several processes need one store for it.";

/** What is seen where effects can be counted: the status of an answer does not tell what was done. */
export const effectChecks: readonly Check[] = [
  {
    name: "effects/visible",
    rule: "lets its effects be counted",
    sent: "two genuine deliveries in turn, and before and after each a look at the effects",
    expected: "JSON in which numbers or lists grow by the same for each",
    source: "what a status cannot tell",
    fix: "Give effects a URL of the receiver that answers GET with 200 and JSON in which the handlers count what they have done.",
    restsOn: BASE_CHECK,
    run: checkEffectsVisible,
  },
  createEffectCheck({
    name: "effects/before-answer",
    rule: "has done the work when it answers",
    sent: `${ATTEMPTS} genuine deliveries in turn, and after each answer a look at the effects`,
    expected: "the effects of each, as soon as its answer is there",
    source: `${DELIVERY}: success is any 2xx`,
    fix: "Await the work before you answer: what is lost after a 2xx is not sent again. If the work is in a durable queue by then, say so with the option queued.",
    async evaluate(view) {
      const { probe, counter, pattern: shown } = view;
      if (probe.settings.queued) return inconclusive("not observable: work that is queued may be done later");
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const enough = (await counter.count(shown)) + shown.increment;
        const came = formatExchange(await probe.send(signCountable(view, probe.secret)));
        if ((await counter.count(shown)) >= enough) continue;
        const isLate = (await counter.waitFor(shown, enough)) >= enough;
        return fail(isLate ? `${came}, and the effects later` : `${came}, and no effects`);
      }
      return pass(`${ATTEMPTS} times the effects`);
    },
  }),
  createEffectCheck({
    name: "effects/once",
    rule: "does the work of a delivery once, however often it comes",
    sent: "a genuine delivery twice, and another one",
    expected: "the effects of 2",
    source: `${DELIVERY}: at least once`,
    fix: DEDUPE,
    evaluate: (view) =>
      expectEffects(2, view, async () => {
        const copy = signCountable(view, view.probe.secret);
        for (const message of [copy, copy, signCountable(view, view.probe.secret)])
          await view.probe.send(message);
      }),
  }),
  createEffectCheck({
    name: "effects/once-at-once",
    rule: "does the work of a delivery once, even if copies come at the same time",
    sent: `${COPIES} copies of a genuine delivery at the same time`,
    expected: "the effects of 1",
    source: `${DELIVERY}: possibly the same id twice at the same time`,
    fix: DEDUPE,
    evaluate: (view) =>
      expectEffects(1, view, async () => {
        const copy = signCountable(view, view.probe.secret);
        await Promise.all(Array.from({ length: COPIES }, async () => view.probe.send(copy)));
      }),
  }),
  createEffectCheck({
    name: "effects/none-of-a-forged-one",
    rule: "does nothing for a forged delivery",
    sent: "a delivery signed with another secret, and a genuine one",
    expected: "the effects of 1",
    source: contractSource("“The request”"),
    fix: "Verify the signature before any work is begun: a refusal does not undo what was done.",
    evaluate: (view) =>
      expectEffects(1, view, async () => {
        for (const secret of [`${view.probe.secret}x`, view.probe.secret])
          await view.probe.send(signCountable(view, secret));
      }),
  }),
];

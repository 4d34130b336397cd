import { type Check, FIRST_CHECK, failed, passed, unknown } from "../check.js";
import { contract } from "../contract-source.js";
import { inWords } from "../probe/exchange.js";
import { countable, effectsOf, findEffects, seen } from "../effects/effect-check.js";

const DELIVERY = contract("“How it is delivered”");
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
    cure: "Give effects a URL of the receiver that answers GET with 200 and JSON in which the handlers count what they have done.",
    restsOn: FIRST_CHECK,
    run: findEffects,
  },
  seen({
    name: "effects/before-answer",
    rule: "has done the work when it answers",
    sent: `${ATTEMPTS} genuine deliveries in turn, and after each answer a look at the effects`,
    expected: "the effects of each, as soon as its answer is there",
    source: `${DELIVERY}: success is any 2xx`,
    cure: "Await the work before you answer: what is lost after a 2xx is not sent again. If the work is in a durable queue by then, say so with the option queued.",
    async find(view) {
      const { probe, counter, shown } = view;
      if (probe.settings.queued) return unknown("not observable: work that is queued may be done later");
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const enough = (await counter.count(shown)) + shown.by;
        const came = inWords(await probe.send(countable(view, probe.secret)));
        if ((await counter.count(shown)) >= enough) continue;
        const isLate = (await counter.settled(shown, enough)) >= enough;
        return failed(isLate ? `${came}, and the effects later` : `${came}, and no effects`);
      }
      return passed(`${ATTEMPTS} times the effects`);
    },
  }),
  seen({
    name: "effects/once",
    rule: "does the work of a delivery once, however often it comes",
    sent: "a genuine delivery twice, and another one",
    expected: "the effects of 2",
    source: `${DELIVERY}: at least once`,
    cure: DEDUPE,
    find: (view) =>
      effectsOf(2, view, async () => {
        const copy = countable(view, view.probe.secret);
        for (const message of [copy, copy, countable(view, view.probe.secret)])
          await view.probe.send(message);
      }),
  }),
  seen({
    name: "effects/once-at-once",
    rule: "does the work of a delivery once, even if copies come at the same time",
    sent: `${COPIES} copies of a genuine delivery at the same time`,
    expected: "the effects of 1",
    source: `${DELIVERY}: possibly the same id twice at the same time`,
    cure: DEDUPE,
    find: (view) =>
      effectsOf(1, view, async () => {
        const copy = countable(view, view.probe.secret);
        await Promise.all(Array.from({ length: COPIES }, async () => view.probe.send(copy)));
      }),
  }),
  seen({
    name: "effects/none-of-a-forged-one",
    rule: "does nothing for a forged delivery",
    sent: "a delivery signed with another secret, and a genuine one",
    expected: "the effects of 1",
    source: contract("“The request”"),
    cure: "Verify the signature before any work is begun: a refusal does not undo what was done.",
    find: (view) =>
      effectsOf(1, view, async () => {
        for (const secret of [`${view.probe.secret}x`, view.probe.secret])
          await view.probe.send(countable(view, secret));
      }),
  }),
];

import { randomUUID } from "node:crypto";

import type { AhaSendEventType } from "@ahasend-webhooks/core";

import { type Check, type CheckRule, FIRST_CHECK, type Finding, failed, passed, unknown } from "../check.js";
import type { EffectCounter, Shown } from "../counter.js";
import { inWords } from "../exchange.js";
import { type Message, plainEvent, signed } from "../message.js";
import type { Probe } from "../probe.js";

const COPIES = 5;
const ATTEMPTS = 5;
const DEDUPE =
  "Claim the header webhook-id before the work, in one atomic step (INSERT … ON CONFLICT DO NOTHING, SET … NX), and acknowledge copies without doing it again. With core's receiver: a store that all processes share.";

/** What is seen when effects can be counted: the status of an answer does not tell what was done. */
export const effectChecks: readonly Check[] = [
  seen({
    name: "effects/before-answer",
    rule: "has done the work when it answers",
    sent: `${ATTEMPTS} genuine deliveries, and after each answer a look at the effects`,
    expected: "the effect of each, as soon as its answer is there",
    source: "contract/README.md, “How it is delivered”: after a 2xx there is no further attempt",
    cure: "Await the work before you answer: what is lost after a 2xx is not sent again. If the work waits in a durable queue by then, say so with the option queued.",
    async find({ probe, counter, shown }) {
      if (probe.settings.queued) return unknown("the work is queued: its effects may come later");
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const before = await counter.count(shown);
        const came = inWords(await probe.send(eventOf(probe, shown.type)));
        if ((await counter.count(shown)) >= before + shown.by) continue;
        const hasCome = (await counter.settled(shown, before + shown.by)) > before;
        return hasCome ? failed(`${came}, and the effect only later`) : unknown(`${came}, and no effect`);
      }
      return passed(`${ATTEMPTS} effects`);
    },
  }),
  seen({
    name: "effects/once",
    rule: "does the work of a delivery once, however often it comes",
    sent: "a genuine delivery twice, and another one",
    expected: "the effects of two deliveries",
    source: "contract/README.md, “How it is delivered”: at least once",
    cure: DEDUPE,
    find: (view) =>
      effectsOf(2, view, async ({ probe, shown }) => {
        const copy = eventOf(probe, shown.type);
        for (const message of [copy, copy, eventOf(probe, shown.type)]) await probe.send(message);
      }),
  }),
  seen({
    name: "effects/once-at-once",
    rule: "does the work of a delivery once, even if several copies come at the same time",
    sent: `${COPIES} copies of a genuine delivery at the same time`,
    expected: "the effects of one delivery",
    source: "contract/README.md, “How it is delivered”: possibly the same id twice at the same time",
    cure: DEDUPE,
    find: (view) =>
      effectsOf(1, view, async ({ probe, shown }) => {
        const copy = eventOf(probe, shown.type);
        await Promise.all(Array.from({ length: COPIES }, async () => probe.send(copy)));
      }),
  }),
  seen({
    name: "effects/none-of-a-forged",
    rule: "does nothing for a forged delivery",
    sent: "a delivery signed with another secret, and a genuine one",
    expected: "the effects of one delivery",
    source: "contract/README.md, “The request”",
    cure: "Verify the signature before any work is begun: the status that a forged delivery gets does not undo what was done.",
    find: (view) =>
      effectsOf(1, view, async ({ probe, shown }) => {
        await probe.send(signed(`${probe.secret}x`, event(shown.type)));
        await probe.send(eventOf(probe, shown.type));
      }),
  }),
];

/** Where effects can be seen, and how. */
interface View {
  probe: Probe;
  counter: EffectCounter;
  shown: Shown;
}

interface Seen extends CheckRule {
  find: (view: View) => Promise<Finding>;
}

/** A check that needs to see effects. */
function seen({ find, ...rule }: Seen): Check {
  return {
    restsOn: FIRST_CHECK,
    ...rule,
    async run(probe) {
      const { effects: counter } = probe;
      if (counter === undefined) {
        return unknown("not observable from outside: give effects, a URL that counts what the handlers did");
      }
      try {
        const shown = await counter.shown((type) => probe.send(eventOf(probe, type)));
        return shown === undefined
          ? unknown(
              "no event changed the JSON of effects twice in the same way: let it count what handlers did",
            )
          : await find({ probe, counter, shown });
      } catch (error) {
        return failed(
          `effects cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          "Give effects a URL of the receiver that answers GET with JSON.",
        );
      }
    },
  };
}

/** Whether what is sent has the effects of so many deliveries, no more and no less. */
async function effectsOf(
  deliveries: number,
  view: View,
  send: (view: View) => Promise<unknown>,
): Promise<Finding> {
  const { counter, shown } = view;
  const before = await counter.count(shown);
  await send(view);
  const after = await counter.settled(shown, before + deliveries * shown.by);
  const came = `the effects of ${(after - before) / shown.by}`;
  return after - before === deliveries * shown.by ? passed(came) : failed(came);
}

function eventOf(probe: Probe, type: AhaSendEventType): Message {
  return signed(probe.secret, event(type));
}

/** Another recipient each time: who is told twice of the same one may have nothing to do. */
function event(type: AhaSendEventType): ReturnType<typeof plainEvent> {
  return plainEvent(type, { recipient: `check-${randomUUID()}@customer.example` });
}

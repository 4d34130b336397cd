import type { Inbox, InboxVerdict, RunDelivery } from "@ahasend-webhooks/core";

import type { PlantedBug } from "./planted.js";

/** Time for which a delivery, or a retry, is only in memory. */
const IN_MEMORY_MS = 5000;

/** Returns an inbox with a bug in the order or in the results of its work. */
export function plantInInbox<Extras>(inbox: Inbox<Extras>, bug: PlantedBug | undefined): Inbox<Extras> {
  if (bug === "accepted before it is kept") {
    return {
      ...inbox,
      accept(delivery) {
        setTimeout(() => void inbox.accept(delivery), IN_MEMORY_MS);
        return Promise.resolve("accepted");
      },
    };
  }
  if (bug === "two workers on one key") {
    return { ...inbox, accept: (delivery) => inbox.accept({ ...delivery, orderingKey: undefined }) };
  }
  const plant = bug === undefined ? undefined : plantInRun[bug];
  return plant === undefined ? inbox : { ...inbox, work: (run) => inbox.work(plant(run)) };
}

const handled: InboxVerdict = { state: "handled", report: () => undefined, toFailed: () => handled };

/** Bugs in the run of a delivery, which here does not depend on what the inbox adds to the context. */
const plantInRun: Partial<Record<PlantedBug, <Extras>(run: RunDelivery<Extras>) => RunDelivery<Extras>>> = {
  "settled before it is handled": (run) => (delivery, attempt) => {
    void run(delivery, attempt);
    return Promise.resolve(handled);
  },
  "dead letter dropped": (run) => async (delivery, attempt) => {
    const verdict = await run(delivery, attempt);
    return verdict.state === "dead" ? handled : verdict;
  },
  "retry lost at restart": (run) => async (delivery, attempt) => {
    const verdict = await run(delivery, attempt);
    if (verdict.state !== "failed") return verdict;
    const next = { ...attempt, attempt: attempt.attempt + 1 };
    setTimeout(() => void run(delivery, next), IN_MEMORY_MS);
    return handled;
  },
};

import {
  type Fault,
  type Lifecycle,
  createEmulator,
  lifecycle,
  lifecycles,
} from "@ahasend-webhooks/emulator";
import { readFinalState } from "@ahasend-webhooks/harness/final-state";

import { secret } from "./start-app.js";

const twice = { count: 2, timing: "together" } as const;
const duplicates: readonly Fault[] = [
  { kind: "copies", ...twice },
  { kind: "repeated_event", ...twice },
];
const late: Fault = { kind: "out_of_order" };
const LATE_EVERY = 3;

/** These numbers have no common divisor, so each lifecycle meets each combination of faults once. */
const COMBINED = lifecycles.length * duplicates.length * LATE_EVERY;

/** Lifecycles of two events, so that a thousand messages need little more than two thousand deliveries. */
const short = lifecycles.filter((name) => {
  const events = lifecycle(name);
  return events.length === 2 && events.every(({ type }) => type !== "message.routing");
});

/**
 * Plays lifecycles against an app, each for a recipient of its own: all of them with duplicates and with the same facts under new ids, then
 * short ones. The last event of each is the first to be sent, and sometimes dated a day before the others.
 *
 * @returns the number of messages by the state that their lifecycle ends in
 * @throws {Error} if a delivery was not acknowledged
 */
export async function playLifecycles(url: string, count: number): Promise<Record<string, number>> {
  await using emulator = createEmulator({ speed: Infinity, concurrency: 16, attemptTimeoutSeconds: 60 });
  const endpoint = { url: `${url}/webhooks/ahasend`, secret };
  emulator.endpoints.create({ kind: "webhook", ...endpoint });
  for (const recipient of ["a-*", "b-*"])
    emulator.endpoints.create({ kind: "route", recipient, ...endpoint });
  const counts: Record<string, number> = {};
  const deliveries = Array.from({ length: count }, (_, index) => {
    const isCombined = index < COMBINED;
    const events = createMail(selectFrom(isCombined ? lifecycles : short, index), index);
    const state = readFinalState(events) ?? "none";
    counts[state] = (counts[state] ?? 0) + 1;
    const faults = isCombined ? [selectFrom(duplicates, index)] : [];
    const lastFaults = index % LATE_EVERY === 0 ? [...faults, late] : faults;
    return [
      ...emulator.emit(events.slice(-1), { faults: lastFaults }),
      ...emulator.emit(events.slice(0, -1), { faults }),
    ];
  }).flat();
  await emulator.idle();
  const lost = deliveries.filter(({ state }) => state !== "delivered");
  if (lost.length > 0) throw new Error(`${lost.length} of ${deliveries.length} deliveries failed.`);
  return counts;
}

/** The mail of `inbound_twice` matches both routes. */
function createMail(name: Lifecycle, index: number) {
  const locals = name === "inbound_twice" ? ["a", "b"] : ["a"];
  const recipient = locals.map((local) => `${local}-${index}@customer.example`).join(", ");
  return lifecycle(name, { recipient, transientErrors: 1 });
}

function selectFrom<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length]!;
}

import { setTimeout as sleep } from "node:timers/promises";

import type { TestServer } from "@ahasend-webhooks/harness";

import type { Receivers } from "./receivers.js";

/** What faults are done to. */
export interface World {
  receivers: Receivers;
  /** Redis or PostgreSQL. */
  server: TestServer;
  /** Cut connections instead of giving replies back, from now on: to the sender, or to the receivers. */
  cut: { replies: number; serverReplies: number };
  random: () => number;
  /** Fires when the load is over. */
  over: AbortSignal;
}

/** One thing that goes wrong as long as there is load. */
export interface Fault {
  /** Statuses that the sender may see because of it; 0 for no reply. */
  replies: readonly number[];
  /** Does it until the load is over, and leaves everything whole. */
  run(world: World): Promise<void>;
}

async function every(ms: number, over: AbortSignal, act: () => unknown): Promise<void> {
  for (;;) {
    await sleep(ms, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    await act();
  }
}

const NO_REPLY = 0;

export const faults = {
  /** SIGKILL of a process every 400 ms. */
  kills: {
    replies: [NO_REPLY, 409],
    run: ({ receivers, random, over }) => every(400, over, () => receivers.kill(random)),
  },
  /** SIGTERM of one process after the other, as a deployment does it. */
  deployments: {
    replies: [NO_REPLY, 503],
    run: ({ receivers, random, over }) => every(400, over, () => receivers.replace(random)),
  },
  /** SIGSTOP for longer than a lease, then SIGCONT. */
  freezes: {
    replies: [NO_REPLY, 409],
    run: ({ receivers, random, over }) => every(500, over, () => receivers.freeze(random, 20_000, over)),
  },
  /** Redis or PostgreSQL is killed and comes back. */
  outages: {
    replies: [503],
    run: ({ server, over }) =>
      every(1500, over, async () => {
        await server.kill();
        await sleep(1000);
        await server.start();
      }),
  },
  /** One reply in ten does not reach the sender. */
  "lost replies": {
    replies: [NO_REPLY],
    run: ({ cut, over }) =>
      during(
        over,
        () => (cut.replies = 0.1),
        () => (cut.replies = 0),
      ),
  },
  /** Some replies of Redis or PostgreSQL do not reach the receivers: was it done or not? */
  "lost server replies": {
    replies: [503],
    run: ({ cut, over }) =>
      during(
        over,
        () => (cut.serverReplies = 0.005),
        () => (cut.serverReplies = 0),
      ),
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

async function during(over: AbortSignal, start: () => void, stop: () => void): Promise<void> {
  start();
  await new Promise((resolve) => over.addEventListener("abort", resolve, { once: true }));
  stop();
}

import { setTimeout as sleep } from "node:timers/promises";

import type { TestServer } from "@ahasend-webhooks/harness";

import type { Receivers } from "./receivers.js";

/** The parts of a scenario that faults act on. */
export interface World {
  receivers: Receivers;
  /** Redis or PostgreSQL, if the receivers use one. */
  server: TestServer | undefined;
  /** Share of replies to lose by cutting the connection: replies to the sender, or of the server to the receivers. */
  cut: { replies: number; serverReplies: number };
  random: () => number;
  /** Fires when the load has ended. */
  loadEnded: AbortSignal;
}

/** Something that goes wrong while there is load. */
export interface Fault {
  /** Statuses that the sender may see because of it; 0 for no reply. */
  replies: readonly number[];
  /** Acts until the load has ended, then leaves everything working. */
  run(world: World): Promise<void>;
}

async function every(ms: number, loadEnded: AbortSignal, act: () => unknown): Promise<void> {
  for (;;) {
    await sleep(ms, undefined, { signal: loadEnded }).catch(() => undefined);
    if (loadEnded.aborted) return;
    await act();
  }
}

const NO_REPLY = 0;

export const faults = {
  /** SIGKILL to a process every 400 ms. */
  kills: {
    replies: [NO_REPLY, 409],
    run: ({ receivers, random, loadEnded }) => every(400, loadEnded, () => receivers.kill(random)),
  },
  /** SIGTERM to one process after the other, as in a deployment. */
  deployments: {
    replies: [NO_REPLY, 503],
    run: ({ receivers, random, loadEnded }) => every(400, loadEnded, () => receivers.replace(random)),
  },
  /** SIGSTOP for longer than a lease, then SIGCONT. */
  freezes: {
    replies: [NO_REPLY, 409],
    run: ({ receivers, random, loadEnded }) =>
      every(500, loadEnded, () => receivers.freeze(random, 20_000, loadEnded)),
  },
  /** Redis or PostgreSQL is killed and started again. */
  outages: {
    replies: [503],
    run: ({ server, loadEnded }) =>
      every(1500, loadEnded, async () => {
        await server?.kill();
        await sleep(1000);
        await server?.start();
      }),
  },
  /** One reply in ten does not reach the sender. */
  "lost replies": {
    replies: [NO_REPLY],
    run: ({ cut, loadEnded }) =>
      during(
        loadEnded,
        () => (cut.replies = 0.1),
        () => (cut.replies = 0),
      ),
  },
  /** Some replies of Redis or PostgreSQL do not reach the receivers, which cannot know whether a command was executed. */
  "lost server replies": {
    replies: [503],
    run: ({ cut, loadEnded }) =>
      during(
        loadEnded,
        () => (cut.serverReplies = 0.005),
        () => (cut.serverReplies = 0),
      ),
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

async function during(loadEnded: AbortSignal, start: () => void, stop: () => void): Promise<void> {
  start();
  await new Promise((resolve) => loadEnded.addEventListener("abort", resolve, { once: true }));
  stop();
}

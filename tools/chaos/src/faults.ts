import { setTimeout as sleep } from "node:timers/promises";

import type { TestServer } from "@ahasend-webhooks/harness";

import type { SmallDisk } from "./disk.js";
import type { Receivers } from "./receivers.js";

/** The parts of a scenario that faults act on. */
export interface World {
  receivers: Receivers;
  /** The server of the storage, if it has one. */
  server: TestServer | undefined;
  /** Share of replies to lose by cutting the connection: replies to the sender, or of the server to the receivers. */
  cut: { replies: number; serverReplies: number };
  random: () => number;
  /** Fires when the faults must end. */
  ended: AbortSignal;
  /** Fires when everything has been sent. */
  allSent: AbortSignal;
  /** The disk of the SQLite file, if a fault fills it. */
  disk: SmallDisk | undefined;
}

/** Something that goes wrong while there is load. */
export interface Fault {
  /** Statuses that the sender may see because of it; 0 for no reply. */
  replies: readonly number[];
  /** Acts until `ended` fires, then leaves everything working. */
  run(world: World): Promise<void>;
}

async function every(ms: number, ended: AbortSignal, act: () => unknown): Promise<void> {
  for (;;) {
    await sleep(ms, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    await act();
  }
}

/** Stands for any error instead of a reply. */
export const NO_REPLY = 0;

export const faults = {
  /** SIGKILL to a process every 400 ms. */
  kills: {
    replies: [NO_REPLY, 409],
    run: ({ receivers, random, ended }) => every(400, ended, () => receivers.kill(random)),
  },
  /** SIGKILL to a process when everything has been sent: what it has acknowledged last must be on the disk by then. */
  "kill after the load": {
    replies: [NO_REPLY, 409],
    run: ({ receivers, random, allSent }) =>
      during(
        allSent,
        () => undefined,
        () => receivers.kill(random),
      ),
  },
  /** SIGTERM to one process after the other, as in a deployment. */
  deployments: {
    replies: [NO_REPLY, 503],
    run: ({ receivers, random, ended }) => every(400, ended, () => receivers.replace(random)),
  },
  /** SIGSTOP for longer than a lease, then SIGCONT. */
  freezes: {
    replies: [NO_REPLY, 409],
    run: ({ receivers, random, ended }) => every(500, ended, () => receivers.freeze(random, 20_000, ended)),
  },
  /** The server is killed and started again. */
  outages: {
    replies: [503],
    run: ({ server, ended }) =>
      every(1500, ended, async () => {
        await server?.kill();
        await sleep(1000);
        await server?.start();
      }),
  },
  /** The server stops to answer, for longer than anybody waits for it. */
  "server freezes": {
    replies: [NO_REPLY, 503],
    run: ({ server, ended }) =>
      every(2500, ended, async () => {
        server?.signal("SIGSTOP");
        await sleep(4000);
        server?.signal("SIGCONT");
      }),
  },
  /** The disk of the SQLite file has no room left. */
  "full disk": {
    replies: [503],
    run: ({ disk, ended }) =>
      every(700, ended, async () => {
        await disk?.fill();
        await sleep(700);
        await disk?.free();
      }),
  },
  /** One reply in ten does not reach the sender. */
  "lost replies": {
    replies: [NO_REPLY],
    run: ({ cut, ended }) =>
      during(
        ended,
        () => (cut.replies = 0.1),
        () => (cut.replies = 0),
      ),
  },
  /** Some replies of the server do not reach the receivers, which cannot know whether a command was executed. */
  "lost server replies": {
    replies: [503],
    run: ({ cut, ended }) =>
      during(
        ended,
        () => (cut.serverReplies = 0.005),
        () => (cut.serverReplies = 0),
      ),
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

async function during(ended: AbortSignal, start: () => void, stop: () => void): Promise<void> {
  start();
  await new Promise((resolve) => ended.addEventListener("abort", resolve, { once: true }));
  stop();
}

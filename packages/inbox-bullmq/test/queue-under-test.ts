import { randomUUID } from "node:crypto";

import type { InboxOptions } from "@ahasend-webhooks/core/inbox";
import { Queue, type QueueOptions } from "bullmq";
import { onTestFinished } from "vitest";

import { type BullmqInboxOptions, bullmqInbox } from "../src/index.js";

/** Opens an empty queue, and inboxes on it. */
export function openQueue(port: number, options: Partial<QueueOptions> = {}) {
  const queue = new Queue(randomUUID(), { connection: { port }, ...options });
  onTestFinished(() => queue.close());
  const openInbox = (inboxOptions: BullmqInboxOptions = {}) =>
    bullmqInbox(queue, { stalledCheckSeconds: 0.1, acceptTimeoutSeconds: 30, ...inboxOptions });
  return {
    queue,
    openInbox,
    /** For the contract, whose cases know all options. */
    open: (inboxOptions: InboxOptions) => openInbox(inboxOptions as BullmqInboxOptions),
    expireLeases: async () => {
      const client = await queue.getBackend().client;
      for (const id of await queue.getRanges(["active"], 0, -1)) await client.del(`${queue.toKey(id)}:lock`);
    },
  };
}

import { randomUUID } from "node:crypto";

import type { InboxOptions } from "@ahasend-webhooks/core/inbox";
import { type TestServer, startPostgres } from "@ahasend-webhooks/harness";
import { Queue, createPostgresBackend } from "bullmq";
import pg from "pg";
import { onTestFinished } from "vitest";

import { type BullmqInboxOptions, bullmqInbox } from "../src/index.js";

/** Starts a PostgreSQL with the tables of BullMQ. */
export async function startBullmqPostgres(): Promise<TestServer> {
  const server = await startPostgres();
  const connection = { connectionString: server.url, migrate: true };
  const queue = new Queue("none", { connection }, createPostgresBackend);
  await queue.waitUntilReady();
  await queue.close();
  return server;
}

/** Opens an empty queue on PostgreSQL, and inboxes on it. */
export function openPostgresQueue(url: string) {
  const connection = { connectionString: url, max: 2 };
  const queue = new Queue(randomUUID(), { connection }, createPostgresBackend);
  onTestFinished(() => queue.close());
  const openInbox = (options: BullmqInboxOptions = {}) =>
    bullmqInbox(queue, { stalledCheckSeconds: 0.1, acceptTimeoutSeconds: 30, ...options });
  return {
    queue,
    openInbox,
    /** For the contract, whose cases know all options. */
    open: (options: InboxOptions) => openInbox(options as BullmqInboxOptions),
    expireLeases: async () => {
      const client = new pg.Client(url);
      await client.connect();
      const text = "UPDATE bullmq.job SET locked_until_ms = 0 WHERE queue = $1 AND state = 'active'";
      await client.query(text, [queue.name]);
      await client.end();
    },
  };
}

import type { InboxAdmin } from "@ahasend-webhooks/core";

import { UsageError } from "../exit.js";
import type { InboxTarget } from "./inbox-target.js";
import { loadPackage } from "./load-package.js";
import type { OpenedInbox } from "./opened-inbox.js";

interface Queue {
  on(event: "error", listener: () => void): unknown;
  waitUntilReady(): Promise<unknown>;
  getMeta(): Promise<{ version?: string }>;
  getJobCounts(): Promise<Record<string, number>>;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

interface Bullmq {
  Queue: new (name: string, options: object, createBackend?: unknown) => Queue;
  createPostgresBackend: unknown;
}

interface InboxBullmq {
  bullmqInbox: (queue: object, options: object) => InboxAdmin & { ready(): Promise<void> };
}

/** Opens the queue of `bullmqInbox`, in Redis or PostgreSQL. */
export async function openBullmq({ url, names }: InboxTarget & { engine: "bullmq" }): Promise<OpenedInbox> {
  const isRedis = url.startsWith("redis");
  const needed = ["@ahasend-webhooks/inbox-bullmq", "bullmq", isRedis ? "ioredis" : "pg"];
  const { bullmqInbox } = loadPackage("@ahasend-webhooks/inbox-bullmq", needed) as InboxBullmq;
  const { Queue, createPostgresBackend } = loadPackage("bullmq", needed) as Bullmq;
  const { queue: name = "ahasend", prefix, schema } = names;
  // Without a retry, so that a server that is away is an error.
  const connection = isRedis
    ? { url, retryStrategy: () => null }
    : { connectionString: url, max: 2, ...(schema !== undefined && { schema }) };
  // The meta data of a queue would make one that does not exist.
  const options = { connection, skipMetasUpdate: true, ...(prefix !== undefined && { prefix }) };
  const queue = new Queue(name, options, isRedis ? undefined : createPostgresBackend);
  queue.on("error", () => undefined);
  try {
    await queue.waitUntilReady();
    await assertExists(queue, name);
    const inbox = bullmqInbox(queue, { onWarning: () => undefined });
    await inbox.ready();
    return { admin: inbox, close: () => queue.close() };
  } catch (error) {
    await queue.disconnect();
    throw error;
  }
}

async function assertExists(queue: Queue, name: string): Promise<void> {
  const [{ version }, counts] = await Promise.all([queue.getMeta(), queue.getJobCounts()]);
  if (version !== undefined || Object.values(counts).some((count) => count > 0)) return;
  throw new UsageError(`BullMQ has no queue ${name} there: use --queue with the name of the queue.`);
}

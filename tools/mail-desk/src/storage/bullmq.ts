import { bullmqInbox } from "@ahasend-webhooks/inbox-bullmq";
import { Queue } from "bullmq";
import type { Logger } from "pino";

import type { Entries } from "../entries.js";
import { connect } from "./connect.js";
import { FileJournal } from "./file-journal.js";
import { JournalEntries } from "./journal-entries.js";
import { PostgresEntries } from "./postgres-entries.js";
import { createPool } from "./postgres-pool.js";
import type { Storage } from "./storage.js";

interface BullmqOptions {
  redisUrl: string;
  /** Keeps the entries in PostgreSQL. */
  databaseUrl: string | undefined;
  /** Keeps them in a journal, without PostgreSQL. */
  dataDir: string;
}

/** Opens an inbox on BullMQ: any number of processes and workers, at least once. */
export async function openBullmq(options: BullmqOptions, log: Logger): Promise<Storage> {
  const queue = new Queue("ahasend", { connection: { url: options.redisUrl } });
  queue.on("error", (err) => log.warn({ err }, "no connection to Redis"));
  // Short times, to watch it: the defaults ask the server less often.
  const times = { lockSeconds: 5, stalledCheckSeconds: 1 };
  const store = bullmqInbox(queue, { ...times, onWarning: (message) => log.warn(message) });
  await connect("Redis", () => store.ready());
  const opened = await openEntries(options, log);
  const close = async (): Promise<void> => {
    await store.close();
    await queue.close();
    await opened.close();
  };
  return { name: "inbox on BullMQ", entries: opened.entries, store, close };
}

async function openEntries(
  { databaseUrl, dataDir }: BullmqOptions,
  log: Logger,
): Promise<{ entries: Entries; close(): Promise<void> }> {
  if (databaseUrl === undefined) {
    return { entries: new JournalEntries(await FileJournal.open(dataDir)), close: async () => undefined };
  }
  const pool = createPool(databaseUrl, log);
  const entries = await connect("PostgreSQL", () => PostgresEntries.open(pool));
  return { entries, close: () => pool.end() };
}

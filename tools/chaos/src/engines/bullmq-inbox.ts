import type { Inbox } from "@ahasend-webhooks/core";
import { bullmqInbox } from "@ahasend-webhooks/inbox-bullmq";
import { Queue } from "bullmq";

import { appendEffect } from "../effects.js";
import { plantInInbox } from "./planted-inbox.js";
import { type Setup, log, toInboxOptions } from "../setup.js";
import type { Engine, Extras } from "./engine.js";

export async function openBullmqInbox(setup: Setup): Promise<Engine<Inbox<Extras>>> {
  const { url, dataDir, bug } = setup;
  const { hostname: host, port, pathname } = new URL(url);
  const db = Number(pathname.slice(1));
  const queue = new Queue("chaos", { connection: { host, port: Number(port), db } });
  queue.on("error", (error) => log({ msg: error.message }));
  const onWarning = (message: string) => log({ msg: message });
  const inbox = bullmqInbox(queue, {
    ...toInboxOptions(setup),
    lockSeconds: 3,
    stalledCheckSeconds: 1,
    onWarning,
  });
  await inbox.ready();
  return {
    store: plantInInbox(inbox as Inbox<object>, bug),
    write: (effect) => appendEffect(dataDir, effect),
    close: () => queue.close(),
  };
}

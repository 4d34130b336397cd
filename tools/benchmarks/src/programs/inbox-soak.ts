// Accepts and handles a million deliveries in one process: inbox-soak.js ./inbox.db
import { createReceiver } from "@ahasend-webhooks/core";

import { answerMessages, sendToParent } from "../child.js";
import { createBody, createDelivery } from "../deliveries.js";
import { inboxes } from "../inboxes.js";
import { collectGarbage } from "../measure/collect-garbage.js";
import { receiverOptions } from "../servers/variant.js";
import type { Sample } from "./soak.js";

/** Accepted at the same time; the next ones follow when all of them are handled. */
const PORTION = 1000;
const PER_SAMPLE = 100_000;

const [, , file = ""] = process.argv;

sendToParent({ ready: true });

answerMessages(async ({ deliveries }: { deliveries: number }) => {
  const body = createBody("550 B");
  const { inbox, close } = await inboxes.sqlite.open(file);
  let handled = 0;
  let onPortion = () => {};
  const count = () => {
    handled += 1;
    if (handled % PORTION === 0) onPortion();
  };
  const receiver = createReceiver({ ...receiverOptions, on: { "*": count }, store: inbox });
  const samples: Sample[] = [];
  for (let sent = 0; sent < deliveries; sent += PORTION) {
    const portion = new Promise<void>((resolve) => (onPortion = resolve));
    const replies = await Promise.all(
      Array.from({ length: PORTION }, () => receiver.receive(createDelivery(body))),
    );
    const refused = replies.find(({ status }) => status !== 204);
    if (refused !== undefined) throw new Error(`A delivery got the status ${refused.status} instead of 204.`);
    await portion;
    if (handled % PER_SAMPLE !== 0) continue;
    collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    samples.push({ deliveries: handled, heapBytes: heapUsed, residentBytes: rss });
  }
  await receiver.close();
  close();
  return samples;
});

// Receives a million deliveries on a simulated clock, 100,000 a day.
import { MemoryStore, createReceiver, sign } from "@ahasend-webhooks/core";

import { answerMessages, sendToParent } from "../child.js";
import { createBody, secret } from "../deliveries.js";
import { collectGarbage } from "../measure/collect-garbage.js";

/** The memory after a number of deliveries, in bytes. */
export interface Sample {
  deliveries: number;
  /** Objects and typed arrays. */
  heapBytes: number;
  residentBytes: number;
}

const DAY_MS = 86_400_000;
const PER_DAY = 100_000;

sendToParent({ ready: true });

answerMessages(async ({ deliveries }: { deliveries: number }) => {
  const body = createBody("550 B");
  let clock = Date.UTC(2026, 0, 1);
  const now = () => clock;
  const on = { "*": () => undefined };
  const receiver = createReceiver({ secret, now, on, store: new MemoryStore({ now }) });
  const samples: Sample[] = [];
  for (let count = 1; count <= deliveries; count += 1) {
    clock += DAY_MS / PER_DAY;
    const id = `msg_${count}`;
    const timestamp = String(Math.floor(clock / 1000));
    const signature = sign({ secret, id, timestamp, body });
    const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
    const { status } = await receiver.receive({ headers, body });
    if (status !== 204) throw new Error(`Delivery ${count} got the status ${status} instead of 204.`);
    if (count % PER_DAY !== 0) continue;
    // A turn of the event loop, as a server has after each request.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    samples.push({ deliveries: count, heapBytes: heapUsed + arrayBuffers, residentBytes: rss });
  }
  return samples;
});

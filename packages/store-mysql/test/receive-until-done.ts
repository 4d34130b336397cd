import { setTimeout as pause } from "node:timers/promises";

import type { Receiver, WebhookRequest } from "@ahasend-webhooks/core";
import { expect } from "vitest";

const RETRY_MS = 20;

/** Delivers as AhaSend does, which retries what a busy machine refuses, until the delivery is acknowledged. */
export async function receiveUntilDone(receiver: Receiver, delivery: WebhookRequest): Promise<void> {
  for (;;) {
    const { status } = await receiver.receive(delivery);
    if (status === 204) return;
    expect([409, 503]).toContain(status);
    // As a sender does. Copies that ask again at once take the machine from the one that is being handled.
    await pause(RETRY_MS);
  }
}

import type { Receiver, WebhookRequest } from "@ahasend-webhooks/core";
import { expect } from "vitest";

/** Delivers as AhaSend does, which retries what a busy machine refuses, until the delivery is acknowledged. */
export async function receiveUntilDone(receiver: Receiver, delivery: WebhookRequest): Promise<void> {
  for (;;) {
    const { status } = await receiver.receive(delivery);
    if (status === 204) return;
    expect([409, 503]).toContain(status);
  }
}

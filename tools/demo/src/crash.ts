import { randomUUID } from "node:crypto";

import { createEvent, signDelivery } from "@ahasend-webhooks/testing";

import type { RunningApp } from "./demo.js";

/** Result of a crash under load. */
export interface CrashResult {
  sent: number;
  /** Deliveries that AhaSend would not send again: the app replied 2xx before it died. */
  acknowledged: number;
  /** Acknowledged deliveries that had been handled when the app died. */
  handledBefore: number;
  /** Acknowledged deliveries that had been handled when the app had caught up after its restart. */
  handledAfter: number;
}

const SENT = 200;
const KILL_AFTER = 80;
const IN_FLIGHT = 40;
/** BullMQ and pg-boss have to notice first that the process is dead. */
const TAKE_OVER_SECONDS = 60;

/**
 * Kills the worker of an app with SIGKILL amid a burst of deliveries and starts it again.
 *
 * @returns the result, and the app that runs now
 */
export async function crash(app: RunningApp): Promise<{ result: CrashResult; app: RunningApp }> {
  // A database has the recipients of earlier runs as well.
  const run = randomUUID();
  const recipients = Array.from({ length: SENT }, (_, index) => `${index}-${run}@customer.example`);
  const acknowledged = new Set<string>();
  const waiting = [...recipients];
  const send = async (): Promise<void> => {
    for (let recipient = waiting.pop(); recipient !== undefined; recipient = waiting.pop()) {
      if (await isAcknowledged(app, recipient)) acknowledged.add(recipient);
      if (acknowledged.size === KILL_AFTER) app.worker.signal("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  await app.worker.ended();

  const countHandled = async (): Promise<number> => {
    const suppressed = await app.effects.readRecipients();
    return [...acknowledged].filter((recipient) => suppressed.has(recipient)).length;
  };
  const handledBefore = await countHandled();
  const next = await app.restart();
  for (let hasMore = true; hasMore;) {
    const seen = next.worker.log.length;
    if ((await countHandled()) === acknowledged.size) break;
    const handled = next.worker.line(({ msg }, index) => index >= seen && msg === "handled", {
      timeoutSeconds: TAKE_OVER_SECONDS,
    });
    // No further line means that deliveries were lost.
    hasMore = await handled.then(
      () => true,
      () => false,
    );
  }
  const handledAfter = await countHandled();
  return { result: { sent: SENT, acknowledged: acknowledged.size, handledBefore, handledAfter }, app: next };
}

/** Delivers a bounce. @returns whether the app acknowledged it */
async function isAcknowledged(app: RunningApp, recipient: string): Promise<boolean> {
  const event = createEvent("message.bounced", { data: { recipient } });
  const { headers, body } = signDelivery({ secret: app.secret, event });
  try {
    const response = await fetch(new URL("webhooks/ahasend", app.url), { method: "POST", headers, body });
    return response.ok;
  } catch {
    // The app has died.
    return false;
  }
}

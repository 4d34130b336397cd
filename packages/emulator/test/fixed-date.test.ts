import type { RequestListener } from "node:http";

import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { createEmulator } from "../src/index.js";

const secret = "aha-whsec-only-for-this-test-0123456789";
const release = new Date("2031-03-01T12:00:00Z");

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** An app that records when its deliveries were signed, and refuses the first ones. */
function app(refusals = 0): { listener: RequestListener; sentAt: Date[] } {
  const sentAt: Date[] = [];
  const receiver = createReceiver({
    secret,
    now: () => Date.now(),
    on: {
      "*": (_event, context) => {
        sentAt.push(context.sentAt);
        if (sentAt.length <= refusals) throw new Error("not yet");
      },
    },
    onOutcome: () => undefined,
  });
  return { listener: nodeHandler(receiver), sentAt };
}

const fakes = {
  "Date alone": () => void vi.useFakeTimers({ toFake: ["Date"], now: release }),
  "every timer": () => void vi.useFakeTimers({ now: release }),
};

describe.each(Object.keys(fakes) as (keyof typeof fakes)[])("with a fixed date that replaces %s", (fake) => {
  it.each(["before", "after"] as const)(
    "delivers signed at that date, when it is fixed %s the emulator is created",
    async (order) => {
      if (order === "before") fakes[fake]();
      const emulator = createEmulator({ secret });
      onTestFinished(() => emulator.close());
      const { listener, sentAt } = app(2);
      const sender = await emulator.connect(listener);
      onTestFinished(() => sender.close());
      if (order === "after") fakes[fake]();
      const { state, attempts } = await sender.deliver("message.bounced");
      expect(state).toBe("delivered");
      expect(attempts.map(({ startedAt }) => startedAt)).toEqual([release, release, release]);
      expect(sentAt).toEqual([release, release, release]);
    },
  );
});

it("signs with the real date after the test has restored it", async () => {
  fakes["Date alone"]();
  const emulator = createEmulator({ secret });
  const { listener, sentAt } = app();
  const sender = await emulator.connect(listener);
  onTestFinished(() => sender.close());
  vi.useRealTimers();
  const before = Math.floor(Date.now() / 1000) * 1000;
  expect(await sender.deliver("message.bounced")).toMatchObject({ state: "delivered" });
  expect(sentAt[0]!.getTime()).toBeGreaterThanOrEqual(before);
});

it("uses Math.random as a test has replaced it after the emulator was created", async () => {
  const emulator = createEmulator({ secret, speed: 1 });
  onTestFinished(() => emulator.close());
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const sender = await emulator.connect((_request, response) => response.writeHead(500).end());
  onTestFinished(() => sender.close());
  fakes["Date alone"]();
  void sender.deliver("message.bounced");
  await emulator.quiet();
  const [delivery] = emulator.deliveries.list();
  expect(delivery!.nextAttemptAt).toEqual(new Date(release.getTime() + 1000));
});

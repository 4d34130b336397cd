import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it, vi } from "vitest";

import type { EndpointOverride } from "../src/index.js";
import { noting, openEmulator, receiving, sendingTo } from "./helpers.js";

describe("a paused endpoint", () => {
  it("gets nothing until the pause ends, and then the held deliveries in order", async () => {
    const { url, arrived } = await noting();
    const { emulator, webhook } = sendingTo(url, { concurrency: 1 });
    emulator.endpoints.override(webhook.id, { kind: "pause" });
    const ids = ["msg_1", "msg_2", "msg_3"];
    for (const id of ids) emulator.emit(createEvent("message.opened"), { id });
    await emulator.quiet();
    expect(arrived).toEqual([]);
    expect(emulator.deliveries.list().map(({ state, isInFlight }) => [state, isInFlight])).toEqual(
      ids.map(() => ["pending", false]),
    );

    emulator.endpoints.override(webhook.id, null);
    await emulator.idle();
    expect(arrived.map(({ headers }) => headers["webhook-id"])).toEqual(ids);
  });

  it("does not hold up other endpoints", async () => {
    const { url, arrived } = await noting();
    const { emulator, webhook } = sendingTo(url);
    const other = emulator.endpoints.create({ url: `${url}/other` });
    emulator.endpoints.override(webhook.id, { kind: "pause" });
    const [, delivery] = emulator.emit(createEvent("message.opened"));
    expect(await delivery!.settled).toMatchObject({ endpointId: other.id, state: "delivered" });
    expect(arrived).toHaveLength(1);
  });

  it("cancels its held deliveries when it is disabled or deleted", async () => {
    const { url, arrived } = await noting();
    const { emulator, webhook } = sendingTo(url);
    emulator.endpoints.override(webhook.id, { kind: "pause" });
    const [delivery] = emulator.emit(createEvent("message.opened"));
    await emulator.quiet();
    emulator.endpoints.disable(webhook.id);
    expect((await delivery!.settled).state).toBe("cancelled");
    emulator.endpoints.enable(webhook.id);
    emulator.endpoints.override(webhook.id, null);
    await emulator.idle();
    expect(arrived).toEqual([]);
  });

  it("leaves its held deliveries pending when the emulator is closed", async () => {
    const { url } = await noting();
    const { emulator, webhook } = sendingTo(url);
    emulator.endpoints.override(webhook.id, { kind: "pause" });
    const [delivery] = emulator.emit(createEvent("message.opened"));
    await emulator.quiet();
    await emulator.close();
    expect((await delivery!.settled).state).toBe("pending");
    emulator.endpoints.override(webhook.id, null);
    expect(delivery!.attempts).toEqual([]);
  });
});

it("replies in place of an endpoint with the override fail, which gets nothing", async () => {
  const { url, arrived } = await noting();
  const { emulator, webhook } = sendingTo(url);
  const override = { kind: "fail", status: 503 } as const;
  emulator.endpoints.override(webhook.id, override);
  const [delivery] = emulator.emit(createEvent("message.opened"));
  expect((await delivery!.settled).state).toBe("failed");
  expect(delivery!.attempts.map(({ response, override }) => [response?.status, override])).toEqual(
    Array.from({ length: 6 }, () => [503, override]),
  );
  expect(arrived).toEqual([]);
  expect(webhook).toMatchObject({ error_count: 6, errors_since_last_success: 6 });
});

it("delivers to an endpoint with the override slow, and times out before its reply", async () => {
  const { url, handled, outcomes } = await receiving();
  const { emulator, webhook } = sendingTo(url, { attemptTimeoutSeconds: 1.5 });
  emulator.endpoints.override(webhook.id, { kind: "slow", seconds: 60 });
  const [delivery] = emulator.emit(createEvent("message.opened"));
  await vi.waitFor(() => expect(delivery!.attempts.length).toBeGreaterThan(0), 20_000);
  emulator.endpoints.override(webhook.id, { kind: "slow", seconds: 0.001 });
  expect((await delivery!.settled).state).toBe("delivered");
  expect(delivery!.attempts[0]).toMatchObject({ error: { code: "timeout" }, override: { kind: "slow" } });
  expect(handled).toHaveLength(1);
  expect(outcomes.at(-1)).toMatchObject({ kind: "duplicate" });
});

it.each([
  [{ kind: "break" }, '"break" is not an override: use pause, fail or slow.'],
  [{ kind: "fail", status: 302 }, "status of the override fail must be a whole number from 400 to 599."],
  [{ kind: "slow", seconds: 0 }, "seconds of the override slow must be a number above 0, at most 3600."],
])("refuses the override %j", (override, message) => {
  const { endpoints } = openEmulator();
  const { id } = endpoints.create({ url: "http://localhost:9/" });
  expect(() => endpoints.override(id, override as EndpointOverride)).toThrow(new TypeError(message));
  expect(endpoints.get(id).override).toBeNull();
});

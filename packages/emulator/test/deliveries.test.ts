import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { type EmulatorChange, createEmulator, steppedClock } from "../src/index.js";
import { noting, openEmulator, receiving, secret, sendingTo, serve } from "./helpers.js";

const bounced = createEvent("message.bounced");

describe("replay", () => {
  it("sends the same id and body with a new signature", async () => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url);
    const original = await emulator.emit(bounced)[0]!.settled;
    const again = emulator.replay(original);
    expect(again).toMatchObject({ id: original.id, copy: 2, key: `${original.id}/2` });
    expect((await again.settled).state).toBe("delivered");
    const [first, second] = arrived;
    expect(second!.body).toEqual(first!.body);
    expect(second!.headers["webhook-id"]).toBe(first!.headers["webhook-id"]);
    expect(emulator.replay(original.id).copy).toBe(3);
    expect(emulator.replay(`${original.id}/1`).copy).toBe(4);
    await emulator.idle();
  });

  it("is a duplicate to a real receiver, and can have its own faults", async () => {
    const { url, outcomes } = await receiving();
    const { emulator } = sendingTo(url);
    const original = await emulator.emit(bounced)[0]!.settled;
    await emulator.replay(original).settled;
    await emulator.replay(original, { faults: [{ kind: "wrong_secret", attempts: 1 }] }).settled;
    expect(outcomes.map(({ code }) => code)).toEqual([
      "handled",
      "duplicate",
      "invalid_signature",
      "duplicate",
    ]);
  });

  it("uses the current URL of the endpoint", async () => {
    const [before, after] = [await noting(500), await noting()];
    const { emulator, webhook } = sendingTo(before.url);
    const failed = await emulator.emit(bounced)[0]!.settled;
    emulator.endpoints.change(webhook.id, { url: after.url });
    expect(await emulator.replay(failed).settled).toMatchObject({ state: "delivered" });
    expect([before.arrived.length, after.arrived.length]).toEqual([6, 1]);
  });

  it("cannot change the event or make copies", async () => {
    const { url } = await noting();
    const { emulator } = sendingTo(url);
    const delivery = await emulator.emit(bounced)[0]!.settled;
    // @ts-expect-error only faults of single requests
    expect(() => emulator.replay(delivery, { faults: [{ kind: "extra_fields" }] })).toThrow(
      /cannot have the fault extra_fields: emit the event again/,
    );
  });

  it("refuses an unknown delivery and an endpoint that is disabled or deleted", async () => {
    const { url } = await noting();
    const { emulator, webhook } = sendingTo(url);
    expect(() => emulator.replay("msg_unknown")).toThrow(/no delivery msg_unknown: .* raise journalLimit/);
    const delivery = await emulator.emit(bounced)[0]!.settled;
    emulator.endpoints.disable(webhook.id);
    expect(() => emulator.replay(delivery)).toThrow(/is disabled: enable it/);
    emulator.endpoints.delete(webhook.id);
    expect(() => emulator.replay(delivery)).toThrow(/no endpoint/);
  });
});

describe("the delivery history", () => {
  it("lists deliveries with each attempt's request and response", async () => {
    const { url } = await noting((_request, response) =>
      response.writeHead(503, { "retry-after": "5", "set-cookie": ["a=1", "b=2"] }).end("busy"),
    );
    const { emulator, webhook } = sendingTo(url);
    const [delivery] = emulator.emit(bounced);
    await emulator.idle();
    expect(emulator.deliveries.list()).toEqual([delivery]);
    expect(emulator.deliveries.get(delivery!.id)).toBe(delivery);
    const [attempt] = delivery!.attempts;
    expect(attempt).toMatchObject({
      number: 1,
      latencyMs: expect.any(Number) as number,
      request: {
        method: "POST",
        url,
        headers: {
          "content-type": "application/json",
          "content-length": String(Buffer.byteLength(delivery!.body)),
          "webhook-id": delivery!.id,
          "webhook-signature": expect.stringMatching(/^v1,/) as string,
        },
        body: delivery!.body,
      },
      response: { status: 503, headers: { "retry-after": "5", "set-cookie": "a=1,b=2" }, body: "busy" },
      nextAttemptAt: expect.any(Date) as Date,
    });
    const json = JSON.stringify(emulator.deliveries.list());
    expect(JSON.parse(json)).toMatchObject([{ key: delivery!.key, endpointId: webhook.id, state: "failed" }]);
    expect(json).not.toContain(secret);
  });

  it("drops the oldest settled deliveries, never a pending one", async () => {
    const { url } = await noting((request, response) =>
      response.writeHead(request.headers["webhook-id"] === "pending" ? 500 : 204).end(),
    );
    const { emulator, webhook } = sendingTo(url, { speed: 1, journalLimit: 2 });
    for (const id of ["pending", "a", "b", "c"]) {
      emulator.emit(bounced, { id });
      await emulator.quiet();
    }
    expect(emulator.deliveries.list().map(({ id }) => id)).toEqual(["pending", "b", "c"]);
    expect(webhook).toMatchObject({ success_count: 3, error_count: 1 });
  });

  it("drops deliveries whose bodies exceed journalBytes", async () => {
    const { url } = await noting();
    const { emulator } = sendingTo(url, { journalBytes: 2500 });
    for (const id of ["a", "b", "c"]) {
      await emulator.emit(JSON.stringify({ type: "x", text: "x".repeat(1000) }), { id })[0]!.settled;
    }
    expect(emulator.deliveries.list().map(({ id }) => id)).toEqual(["b", "c"]);
  });

  it("gives each delivery with the same id its own key", async () => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url);
    emulator.endpoints.create({ url, secret });
    const deliveries = emulator.emit([bounced, bounced], { id: "msg_1" });
    await emulator.idle();
    expect(new Set(deliveries.map(({ key }) => key)).size).toBe(4);
    expect(emulator.deliveries.list()).toHaveLength(4);
    expect(arrived.map(({ headers }) => headers["webhook-id"])).toEqual(Array(4).fill("msg_1"));
  });
});

describe("onChange", () => {
  it("reports every change until the listener is removed", async () => {
    const { url } = await noting(500);
    const emulator = openEmulator({ speed: Infinity });
    const changes: string[] = [];
    const end = emulator.onChange((change: EmulatorChange) => {
      if (change.kind === "delivery") {
        const { state, isInFlight, attempts } = change.delivery;
        changes.push(`${state}${isInFlight ? " in flight" : ""} ${attempts.length}`);
      } else if ("endpoint" in change) changes.push(`${change.kind} ${change.endpoint.error_count}`);
    });
    emulator.onChange(() => {
      throw new Error("a bad listener");
    });
    const { id } = emulator.endpoints.create({ kind: "webhook", url, secret });
    await emulator.emit(bounced)[0]!.settled;
    emulator.endpoints.delete(id);
    const retries = [1, 2, 3, 4, 5].flatMap((count) => [
      `endpoint ${count}`,
      `pending ${count}`,
      `pending in flight ${count}`,
    ]);
    expect(changes).toEqual([
      "endpoint 0",
      "pending 0",
      "pending in flight 0",
      ...retries,
      "endpoint 6",
      "failed 6",
      "endpoint_deleted 6",
    ]);
    end();
    emulator.endpoints.create({ url });
    expect(changes).toHaveLength(retries.length + 6);
  });
});

describe("idle and quiet", () => {
  it("resolve at once if no delivery is pending", async () => {
    const emulator = openEmulator();
    await emulator.idle();
    await emulator.quiet();
    expect(emulator.deliveries.list()).toEqual([]);
  });

  it("differ while a retry is due later: only quiet resolves", async () => {
    const clock = steppedClock();
    const { url } = await noting(500);
    const { emulator } = sendingTo(url, { clock, speed: 1 });
    let isIdle = false;
    const [delivery] = emulator.emit(bounced);
    const idle = emulator.idle().then(() => (isIdle = true));
    for (let attempts = 1; attempts <= 6; attempts += 1) {
      await emulator.quiet();
      expect(delivery!.attempts).toHaveLength(attempts);
      expect(isIdle).toBe(false);
      clock.advance(700_000);
    }
    await idle;
    expect(delivery!.state).toBe("failed");
  });
});

describe("the concurrency limit of an endpoint", () => {
  it("makes further attempts wait, without their time limit running", async () => {
    const open: (() => void)[] = [];
    const url = await serve((_request, response) => void open.push(() => response.writeHead(204).end()));
    const { emulator } = sendingTo(url, { concurrency: 2 });
    const fast = await noting();
    emulator.endpoints.create({ url: fast.url, secret });
    const deliveries = Array.from({ length: 5 }, () => emulator.emit(bounced)).flat();
    const slow = deliveries.filter((_delivery, index) => index % 2 === 0);
    await Promise.all(
      deliveries.filter((delivery) => !slow.includes(delivery)).map(({ settled }) => settled),
    );
    expect(slow.map(({ isInFlight }) => isInFlight)).toEqual([true, true, false, false, false]);
    const replying = setInterval(() => open.splice(0).forEach((reply) => reply()), 1);
    await emulator.idle();
    clearInterval(replying);
    expect(slow.map(({ state, attempts }) => `${state} ${attempts.length}`)).toEqual(
      Array(5).fill("delivered 1"),
    );
  });
});

describe("close", () => {
  it("aborts attempts in flight and leaves pending deliveries pending", async () => {
    const arrived: string[] = [];
    const hanging = await serve((request) => void arrived.push(String(request.headers["webhook-id"])));
    const failing = await noting(500);
    const { emulator, webhook } = sendingTo(hanging, { speed: 1 });
    emulator.endpoints.create({ url: failing.url, secret });
    const [hung, waiting] = emulator.emit(bounced);
    await new Promise((resolve) => emulator.onChange(resolve));
    const idle = emulator.idle();
    await emulator.close();
    await idle;
    expect(await hung!.settled).toMatchObject({ state: "pending", attempts: [], isInFlight: false });
    expect(await waiting!.settled).toMatchObject({ state: "pending", attempts: [{ number: 1 }] });
    expect(webhook).toMatchObject({ error_count: 0, enabled: true });
    await emulator.close();
  });

  it("makes every later call throw", async () => {
    const emulator = createEmulator();
    await emulator.close();
    expect(() => emulator.emit(bounced)).toThrow(/closed: create a new one/);
    expect(() => emulator.replay("any")).toThrow(/closed: create a new one/);
    expect(() => emulator.connect("http://localhost")).toThrow(/closed: create a new one/);
  });
});

describe("options", () => {
  it.each<[object, RegExp]>([
    [{ speed: 0 }, /speed must be a number of 0.001 or more/],
    [{ speed: 1e-300 }, /speed must be a number of 0.001 or more/],
    [{ speed: Number.NaN }, /speed must be a number of 0.001 or more/],
    [{ attemptTimeoutSeconds: 0 }, /attemptTimeoutSeconds must be a number above 0, at most 3600/],
    [{ attemptTimeoutSeconds: Infinity }, /attemptTimeoutSeconds must be a number above 0, at most 3600/],
    [{ secret: "short" }, /secret is shorter than 16/],
    [{ allowRemote: "no" }, /allowRemote must be true or false/],
    [{ journalLimit: -1 }, /journalLimit must be a whole number of 0 or more, or Infinity/],
    [
      { disableAfterFailures: Number.NaN },
      /disableAfterFailures must be a whole number of 0 or more, or Infinity/,
    ],
    [{ concurrency: 0 }, /concurrency must be a whole number of 1 or more, or Infinity/],
  ])("refuse %j", (options, message) => {
    expect(() => createEmulator(options)).toThrow(message);
  });

  it("allow the speed to change while deliveries are pending", async () => {
    const { url } = await noting(500);
    const { emulator } = sendingTo(url, { speed: 1 });
    emulator.speed = Infinity;
    expect((await emulator.emit(bounced)[0]!.settled).attempts).toHaveLength(6);
    expect(() => (emulator.speed = -1)).toThrow(/speed must be a number of 0.001 or more/);
  });
});

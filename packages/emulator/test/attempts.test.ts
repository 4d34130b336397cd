import { createEvent, vectors } from "@ahasend-webhooks/testing";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";

import { maxAttempts, seededRandom, steppedClock } from "../src/index.js";
import { closedPort, noting, openEmulator, receiving, secret, sendingTo, serve } from "./helpers.js";

const bounced = createEvent("message.bounced");
const mail = createEvent("message.routing");

/** Seconds after the first attempt, according to the contract. */
const table = {
  webhook: [0, 1, 17, 98, 354, 979],
  route: [0, 1, 17, 98, 354, 979, 2275, 4676, 8772, 15_333, 25_333, 39_974],
};

describe("a delivery", () => {
  it("is a signed POST with the headers and the byte layout of AhaSend", async () => {
    const { url, arrived } = await noting();
    const { emulator, webhook } = sendingTo(url);
    const [delivery] = emulator.emit(bounced);
    expect(await delivery!.settled).toMatchObject({ state: "delivered", type: "message.bounced" });
    const [request] = arrived;
    expect(request).toMatchObject({
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": expect.stringMatching(/^Go-http-client/) as string,
        "webhook-id": delivery!.id,
      },
    });
    const text = request!.body.toString();
    expect(JSON.parse(text)).toEqual({ ...bounced, webhook_id: webhook.id });
    expect(text).toMatch(
      /^\{"type":"message\.bounced","timestamp":"[^"]+","webhook_id":"[^"]+","data":\{"account_id":/,
    );
    expect(text).toContain("\\u003cada@customer.example\\u003e");
  });

  it.each(vectors)("with the exact body of $name has the signature of AhaSend", async (vector) => {
    const { url, arrived } = await noting();
    const clock = steppedClock(Number(vector.webhook_timestamp) * 1000);
    const emulator = openEmulator({ clock });
    const kind = vector.type === "message.routing" ? "route" : "webhook";
    emulator.endpoints.create({ kind, url, secret: vector.secret });
    const [delivery] = emulator.emit(vector.body, { id: vector.webhook_id_header });
    expect((await delivery!.settled).state).toBe("delivered");
    expect(arrived[0]!.body.toString()).toBe(vector.body);
    expect(arrived[0]!.headers).toMatchObject({
      "webhook-id": vector.webhook_id_header,
      "webhook-timestamp": vector.webhook_timestamp,
      "webhook-signature": vector.webhook_signature,
    });
  });

  it("ends with the first 2xx, and is counted", async () => {
    const { url } = await noting(299);
    const { emulator, webhook } = sendingTo(url);
    const [delivery] = emulator.emit(bounced);
    expect((await delivery!.settled).attempts).toHaveLength(1);
    expect(webhook).toMatchObject({ success_count: 1, error_count: 0, errors_since_last_success: 0 });
    expect(webhook.last_request_at).toBe(delivery!.attempts[0]!.startedAt.toISOString());
  });

  it.each([199 + 101, 400, 404, 410, 429, 500, 503])("is retried after %d", async (status) => {
    const statuses = [status, 204];
    const { url } = await noting((_request, response) => response.writeHead(statuses.shift()!).end("why"));
    const { emulator, webhook } = sendingTo(url);
    const [delivery] = emulator.emit(bounced);
    const { state, attempts } = await delivery!.settled;
    expect(state).toBe("delivered");
    expect(attempts.map(({ response }) => [response?.status, response?.body])).toEqual([
      [status, "why"],
      [204, ""],
    ]);
    expect(webhook).toMatchObject({ success_count: 1, error_count: 1, errors_since_last_success: 0 });
  });

  it("fails an attempt without a reply in time", async () => {
    const { emulator } = sendingTo(await serve(() => undefined), { attemptTimeoutSeconds: 0.05 });
    const { state, attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(state).toBe("failed");
    expect(attempts.map(({ error }) => error?.code)).toEqual(Array(6).fill("timeout"));
    expect(attempts[0]!.error?.message).toMatch(/within 0\.05 s: reply in time/);
  });

  it("fails an attempt to a port where no server listens", async () => {
    const { emulator } = sendingTo(await closedPort());
    const { state, attempts } = await emulator.emit(bounced)[0]!.settled;
    expect(state).toBe("failed");
    expect(attempts.map(({ error }) => error?.code)).toEqual(Array(6).fill("ECONNREFUSED"));
  });

  it("keeps the status of a reply whose body never ends", async () => {
    const url = await serve((_request, response) => void response.writeHead(200).write("a"));
    const { emulator } = sendingTo(url, { attemptTimeoutSeconds: 1 });
    const [delivery] = emulator.emit(bounced);
    expect(await delivery!.settled).toMatchObject({
      state: "delivered",
      attempts: [{ response: { status: 200, body: "a" } }],
    });
  });

  it("keeps the beginning of a long reply", async () => {
    const { url } = await noting((_request, response) => response.end("x".repeat(3_000_000)));
    const { emulator } = sendingTo(url);
    const [delivery] = emulator.emit(bounced);
    expect((await delivery!.settled).attempts[0]!.response?.body).toBe("x".repeat(4096));
  });
});

describe("the retry schedule", () => {
  it.each([
    ["webhook", bounced],
    ["route", mail],
  ] as const)("of a %s follows the contract, with one id and fresh timestamps", async (kind, event) => {
    const clock = steppedClock();
    const { url, arrived } = await noting(500);
    const emulator = openEmulator({ clock, random: seededRandom(7) });
    emulator.endpoints.create({ kind, url, secret });
    const [delivery] = emulator.emit(event);
    const startedAt = clock.now();
    do await emulator.quiet();
    while (clock.advanceToNext());

    expect(delivery).toMatchObject({ state: "failed", nextAttemptAt: undefined });
    const seconds = delivery!.attempts.map((attempt) => (attempt.startedAt.getTime() - startedAt) / 1000);
    expect(seconds).toHaveLength(table[kind].length);
    for (const [index, expected] of table[kind].entries()) {
      expect(Math.abs(seconds[index]! - expected)).toBeLessThanOrEqual(expected * 0.1 + 0.001 * index);
    }
    expect(seconds).not.toEqual(table[kind]);
    const { attempts } = delivery!;
    expect(attempts.slice(0, -1).map(({ nextAttemptAt }) => nextAttemptAt)).toEqual(
      attempts.slice(1).map((attempt) => attempt.startedAt),
    );

    expect(new Set(arrived.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([delivery!.id]));
    expect(new Set(arrived.map(({ body }) => body.toString())).size).toBe(1);
    expect(arrived.map(({ headers }) => Number(headers["webhook-timestamp"]))).toEqual(
      attempts.map((attempt) => Math.floor(attempt.startedAt.getTime() / 1000)),
    );
  });

  it("lets an independent implementation of Standard Webhooks verify each attempt", async () => {
    const { url, arrived } = await noting(500);
    const { emulator } = sendingTo(url);
    emulator.emit(bounced);
    await emulator.idle();
    const webhook = new Webhook(secret, { format: "raw" });
    expect(arrived).toHaveLength(maxAttempts.webhook);
    for (const { headers, body } of arrived) {
      const { type } = webhook.verify(body.toString(), headers as Record<string, string>) as { type: string };
      expect(type).toBe("message.bounced");
    }
  });

  it("is shortened by speed", async () => {
    const { url } = await noting(500);
    const clock = steppedClock();
    const emulator = openEmulator({ clock, speed: 1000, random: () => 0.5 });
    emulator.endpoints.create({ url, secret });
    const startedAt = clock.now();
    const [delivery] = emulator.emit(bounced);
    do await emulator.quiet();
    while (clock.advanceToNext());
    const milliseconds = delivery!.attempts.map((attempt) => attempt.startedAt.getTime() - startedAt);
    expect(milliseconds).toEqual(table.webhook);
  });

  it("runs on the system clock", async () => {
    const { url } = await noting(500);
    const { emulator } = sendingTo(url, { speed: 100_000 });
    const [delivery] = emulator.emit(bounced);
    expect((await delivery!.settled).attempts).toHaveLength(6);
  });

  it("delivers to a receiver that recovers what it has missed", async () => {
    let isUp = false;
    const on = { "*": () => (isUp ? undefined : Promise.reject(new Error("down"))) };
    const { url, outcomes } = await receiving({ on });
    const { emulator } = sendingTo(url);
    emulator.onChange((change) => {
      if (change.kind === "delivery" && change.delivery.attempts.length === 3) isUp = true;
    });
    const [delivery] = emulator.emit(bounced);
    expect(await delivery!.settled).toMatchObject({ state: "delivered" });
    expect(outcomes.map(({ code }) => code)).toEqual([...Array<string>(3).fill("handler_failed"), "handled"]);
  });
});

import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import type { Fault } from "../src/index.js";
import { noting, openEmulator, receiving, sendingTo } from "./helpers.js";

const bounced = createEvent("message.bounced");

/** Delivers an event with faults to a real receiver, and returns the codes of its outcomes. */
async function outcomesOf(...faults: Fault[]) {
  const { url, outcomes, handled } = await receiving({ bodyTimeoutSeconds: 0.2 });
  const { emulator } = sendingTo(url);
  const deliveries = emulator.emit(bounced, { faults });
  await Promise.all(deliveries.map(({ settled }) => settled));
  const [first] = deliveries;
  return { deliveries, first: first!, codes: outcomes.map(({ code }) => code), handled };
}

describe("a real receiver refuses", () => {
  it.each<[string, Fault, string, number]>([
    ["a stale timestamp", { kind: "timestamp", offsetSeconds: -301 }, "stale_timestamp", 401],
    ["a timestamp in the future", { kind: "timestamp", offsetSeconds: 310 }, "stale_timestamp", 401],
    ["another secret", { kind: "wrong_secret" }, "invalid_signature", 401],
    ["no signature", { kind: "unsigned" }, "missing_header", 400],
    ["an unknown version alone", { kind: "unknown_version" }, "invalid_signature", 401],
    ["another unknown version", { kind: "unknown_version", version: "v1b" }, "invalid_signature", 401],
    ["a truncated body", { kind: "truncated_body" }, "invalid_signature", 401],
    ["a body that ends after 500 bytes", { kind: "truncated_body", bytes: 500 }, "invalid_signature", 401],
    ["no body", { kind: "truncated_body", bytes: 0 }, "invalid_signature", 401],
    ["gzip", { kind: "content_encoding", encoding: "gzip" }, "unsupported_encoding", 415],
    ["deflate", { kind: "content_encoding", encoding: "deflate" }, "unsupported_encoding", 415],
    ["brotli", { kind: "content_encoding", encoding: "br" }, "unsupported_encoding", 415],
    ["a slow upload", { kind: "slow_upload", seconds: 60, attempts: 6 }, "body_timeout", 408],
  ])("%s", async (_name, fault, code, status) => {
    const { first, codes, handled } = await outcomesOf(fault);
    expect(first.state).toBe("failed");
    expect(first.attempts.map(({ response }) => response?.status)).toEqual(Array(6).fill(status));
    expect(codes).toEqual(Array(6).fill(code));
    expect(handled).toEqual([]);
  });
});

describe("a real receiver accepts", () => {
  it.each<[string, Fault]>([
    ["a timestamp that is still fresh", { kind: "timestamp", offsetSeconds: -290 }],
    ["two signatures, one of them with a rotated secret", { kind: "rotated_secret" }],
    ["entries of unknown versions beside its own", { kind: "extra_signatures" }],
    ["an upload that takes a moment", { kind: "slow_upload", seconds: 0.02 }],
    ["unknown fields", { kind: "extra_fields" }],
    ["an event that is dated earlier", { kind: "out_of_order" }],
    ["an unknown type", { kind: "unknown_type" }],
  ])("%s", async (_name, fault) => {
    const { first, codes, handled } = await outcomesOf(fault);
    expect(first).toMatchObject({ state: "delivered" });
    expect(codes).toEqual(["handled"]);
    expect(handled).toMatchObject([
      { type: fault.kind === "unknown_type" ? "message.teleported" : bounced.type },
    ]);
  });

  it("a delivery with faults in its first attempts only", async () => {
    const { first, codes } = await outcomesOf(
      { kind: "wrong_secret", attempts: 1 },
      { kind: "truncated_body", attempts: 2 },
    );
    expect(first.state).toBe("delivered");
    expect(codes).toEqual(["invalid_signature", "invalid_signature", "handled"]);
  });

  it("the signatures of both secrets in the header, the valid one once", async () => {
    const { url, arrived } = await noting();
    const { emulator } = sendingTo(url);
    await emulator.emit(bounced, { faults: [{ kind: "rotated_secret" }] })[0]!.settled;
    expect(arrived[0]!.headers["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
  });
});

describe("copies of a delivery", () => {
  it("that arrive at the same time are handled once", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { url, outcomes } = await receiving({ on: { "*": () => gate } });
    const { emulator } = sendingTo(url);
    const faults: Fault[] = [{ kind: "copies", count: 3, timing: "together" }];
    const deliveries = emulator.emit(bounced, { faults });
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(1);
    expect(deliveries.map(({ copy }) => copy)).toEqual([1, 2, 3]);
    expect(deliveries.map(({ isInFlight }) => isInFlight)).toEqual([true, true, true]);
    release();
    await emulator.idle();
    expect(deliveries.map(({ state }) => state)).toEqual(Array(3).fill("delivered"));
    expect(outcomes.map(({ code }) => code).toSorted()).toEqual(["duplicate", "duplicate", "handled"]);
  });

  it("that arrive in turn wait for the previous one", async () => {
    const running = { now: 0, most: 0 };
    const { url, outcomes } = await receiving();
    const { emulator } = sendingTo(url);
    emulator.onChange(() => {
      running.now = emulator.deliveries.list().filter(({ isInFlight }) => isInFlight).length;
      running.most = Math.max(running.most, running.now);
    });
    emulator.emit(bounced, { faults: [{ kind: "copies", count: 3, timing: "in_turn" }] });
    await emulator.idle();
    expect(running.most).toBe(1);
    expect(outcomes.map(({ code }) => code)).toEqual(["handled", "duplicate", "duplicate"]);
  });
});

describe("an event that is repeated", () => {
  it("arrives under a new id each time, with the same body", async () => {
    const { deliveries, codes } = await outcomesOf({ kind: "repeated_event", count: 3, timing: "in_turn" });
    expect(codes).toEqual(["handled", "handled", "handled"]);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(3);
    expect(new Set(deliveries.map(({ body }) => body)).size).toBe(1);
    const { emulator } = sendingTo("http://localhost:1");
    const faults: Fault[] = [{ kind: "repeated_event", count: 2, timing: "together" }];
    expect(() => emulator.emit(bounced, { faults, id: "msg_1" })).toThrow(
      "id must be left out with the fault repeated_event",
    );
  });
});

describe("an event out of order", () => {
  it.each<[Fault, string]>([
    [{ kind: "out_of_order" }, "2026-07-13T15:03:21Z"],
    [{ kind: "out_of_order", seconds: 60 }, "2026-07-14T15:02:21Z"],
  ])("is dated earlier with %j", (fault, timestamp) => {
    const { emulator } = sendingTo("http://localhost:1");
    const event = createEvent("message.bounced", { timestamp: "2026-07-14T15:03:21.123456789Z" });
    const [delivery] = emulator.emit(event, { faults: [fault] });
    expect(JSON.parse(delivery!.body)).toMatchObject({ timestamp, data: event.data });
  });
});

describe("reordering", () => {
  it("delivers several events in reverse order", async () => {
    const { url, handled } = await receiving();
    const { emulator } = sendingTo(url);
    const events = (["message.reception", "message.delivered", "message.opened"] as const).map((type) =>
      createEvent(type),
    );
    emulator.emit(events, { faults: [{ kind: "reordered" }] });
    await emulator.idle();
    expect(handled.map(({ type }) => type)).toEqual([
      "message.opened",
      "message.delivered",
      "message.reception",
    ]);
  });

  it("does not wait for retries", async () => {
    const { url, arrived } = await noting((request, response) =>
      response.writeHead(request.body.includes("message.opened") ? 500 : 204).end(),
    );
    const { emulator } = sendingTo(url, { speed: 1 });
    const events = [createEvent("message.reception"), createEvent("message.opened")];
    emulator.emit(events, { faults: [{ kind: "reordered" }] });
    await emulator.quiet();
    expect(arrived.map(({ body }) => (JSON.parse(body.toString()) as { type: string }).type)).toEqual([
      "message.opened",
      "message.reception",
    ]);
  });
});

describe("faults", () => {
  it("can be combined", async () => {
    const { url, outcomes, handled } = await receiving();
    const { emulator } = sendingTo(url);
    emulator.emit(bounced, {
      faults: [
        { kind: "copies", count: 2, timing: "in_turn" },
        { kind: "rotated_secret" },
        { kind: "extra_fields" },
        { kind: "unknown_type", type: "message.archived" },
      ],
    });
    await emulator.idle();
    expect(outcomes.map(({ code }) => code)).toEqual(["handled", "duplicate"]);
    expect(handled).toMatchObject([
      {
        type: "message.archived",
        event: { emulated_extra_field: {}, data: { ...bounced.data, emulated_extra_field: {} } },
      },
    ]);
  });

  it.each<[string, object, RegExp]>([
    ["an unknown kind", { kind: "stale" }, /"stale" is not a fault: use one of timestamp, wrong_secret, /],
    [
      "a field that is missing",
      { kind: "timestamp" },
      /offsetSeconds of the fault timestamp must be a number from -1000000000 to 1000000000/,
    ],
    [
      "a field that does not exist",
      { kind: "unsigned", version: "v2" },
      /unsigned has no field "version": use attempts/,
    ],
    [
      "a wrong value",
      { kind: "content_encoding", encoding: "zstd" },
      /encoding .* must be one of gzip, deflate, br/,
    ],
    [
      "a wrong count",
      { kind: "copies", count: 0, timing: "together" },
      /count .* must be a whole number from 1 to 1000/,
    ],
    [
      "more copies than any receiver needs",
      { kind: "copies", count: 1001, timing: "together" },
      /count .* must be a whole number from 1 to 1000/,
    ],
    [
      "a count without an end",
      { kind: "copies", count: 1e9, timing: "in_turn" },
      /count .* must be a whole number from 1 to 1000/,
    ],
    [
      "a time that no timestamp can hold",
      { kind: "timestamp", offsetSeconds: 1e300 },
      /must be a number from -1000000000 to 1000000000/,
    ],
    [
      "a time that no timer can wait",
      { kind: "slow_upload", seconds: 1e9 },
      /must be a number from 0 to 3600/,
    ],
    ["a time below 0", { kind: "slow_upload", seconds: -1 }, /must be a number from 0 to 3600/],
    [
      "a version that no header can hold",
      { kind: "unknown_version", version: "v2\r\nx: y" },
      /version .* must be 1 to 100 characters of visible ASCII/,
    ],
  ])("are refused: %s", async (_name, fault, message) => {
    const { emulator } = sendingTo("http://localhost:1");
    expect(() => emulator.emit(bounced, { faults: [fault as Fault] })).toThrow(message);
    expect(emulator.deliveries.list()).toEqual([]);
  });

  it("are refused if there are more than 32", () => {
    const { emulator } = sendingTo("http://localhost:1");
    const faults: Fault[] = Array.from({ length: 33 }, () => ({ kind: "rotated_secret" }));
    expect(() => emulator.emit(bounced, { faults })).toThrow(/There are 33 faults: pass at most 32/);
    const [delivery] = emulator.emit(bounced, { faults: faults.slice(1) });
    expect(delivery!.faults).toHaveLength(32);
  });

  it("make at most 10,000 deliveries of an event", () => {
    const emulator = openEmulator();
    for (let number = 0; number < 11; number += 1) emulator.endpoints.create({ url: "http://localhost:1" });
    const faults: Fault[] = [{ kind: "copies", count: 1000, timing: "together" }];
    expect(() => emulator.emit(bounced, { faults })).toThrow(
      "more than 10000 deliveries for 11 endpoints: ask for fewer copies",
    );
    expect(emulator.deliveries.list()).toEqual([]);
  });

  it("that change the event are refused for a body that is not JSON", () => {
    const { emulator } = sendingTo("http://localhost:1");
    expect(() => emulator.emit("[]", { faults: [{ kind: "extra_fields" }] })).toThrow(
      /not a JSON object: leave out/,
    );
  });
});

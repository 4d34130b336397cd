import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { MemoryStore, type Outcome, WebhookError, createReceiver, logOutcomes } from "../src/index.js";
import { bounced, delivery, now, secret } from "./helpers.js";
import { hostileValues } from "./hostile.js";

/** A log that keeps its entries, the level in front. */
function keptLog() {
  const entries: string[] = [];
  const log = {
    warn: (entry: string) => void entries.push(`warn ${entry}`),
    error: (entry: string) => void entries.push(`error ${entry}`),
  };
  return { log, entries };
}

function refused(code: WebhookError["code"], more: Partial<Outcome> = {}, options = {}): Outcome {
  const error = new WebhookError(code, "Do this.", options);
  return { kind: "refused", code, status: error.status, error, durationMs: 1, ...more } as Outcome;
}

const handled: Outcome = { kind: "handled", code: "handled", status: 204, durationMs: 1 };

describe("logOutcomes", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  it.each([undefined, {}, { warn: console.warn }])("refuses a log that cannot be written to: %j", (log) => {
    expect(() => logOutcomes(log as typeof console)).toThrow(/^logOutcomes needs a log .*\.$/);
  });

  it("logs nothing for acknowledged deliveries", () => {
    const { log, entries } = keptLog();
    const observe = logOutcomes(log);
    observe(handled);
    observe({ ...handled, kind: "duplicate", code: "duplicate" });
    observe.flush?.();
    expect(entries).toEqual([]);
  });

  it("logs status, code, type, delivery and message in one line", () => {
    const { log, entries } = keptLog();
    logOutcomes(log)(refused("in_flight", { type: "message.bounced", deliveryId: "msg_1" }));
    expect(entries).toEqual(["warn [ahasend-webhooks] 409 in_flight (message.bounced msg_1): Do this."]);
  });

  it("reports the 101 genuine deliveries that are refused after a scanner has used up the line of their code", () => {
    const { log, entries } = keptLog();
    const observe = logOutcomes(log);
    observe(refused("invalid_signature", { deliveryId: "scanner" }));
    vi.advanceTimersByTime(5000);
    for (let i = 1; i <= 101; i += 1) observe(refused("invalid_signature", { deliveryId: `msg_${i}` }));
    expect(entries).toEqual(["warn [ahasend-webhooks] 401 invalid_signature (scanner): Do this."]);
    // Nothing more comes in: AhaSend has disabled the endpoint.
    vi.advanceTimersByTime(55_000);
    expect(entries.slice(1)).toEqual([
      "warn [ahasend-webhooks] 401 invalid_signature: … and 101 more in the last 60 s, the latest (msg_101): Do this.",
    ]);
    vi.advanceTimersByTime(3_600_000);
    expect(entries).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("logs a code at once when it comes back after a quiet minute", () => {
    const { log, entries } = keptLog();
    const observe = logOutcomes(log);
    observe(refused("store_unavailable", { deliveryId: "a" }));
    vi.advanceTimersByTime(60_000);
    observe(refused("store_unavailable", { deliveryId: "b" }));
    expect(entries).toEqual([
      "warn [ahasend-webhooks] 503 store_unavailable (a): Do this.",
      "warn [ahasend-webhooks] 503 store_unavailable (b): Do this.",
    ]);
  });

  it("logs each code once a minute in a flood of hours, and loses none of the count", () => {
    const { log, entries } = keptLog();
    const observe = logOutcomes(log);
    for (let second = 0; second < 600; second += 1) {
      observe(refused("invalid_signature"));
      observe(refused("missing_header"));
      vi.advanceTimersByTime(1000);
    }
    observe.flush?.();
    for (const code of ["invalid_signature", "missing_header"]) {
      const ofCode = entries.filter((entry) => entry.includes(code));
      const counts = ofCode.map((entry) => Number(/and (\d+) more/.exec(entry)?.[1] ?? 1));
      expect(ofCode.length).toBeLessThanOrEqual(12);
      expect(counts.reduce((sum, count) => sum + count)).toBe(600);
    }
  });

  it("reports those left out with the next outcome of any kind where timers do not run", () => {
    vi.useRealTimers();
    let time = 0;
    const { log, entries } = keptLog();
    const observe = logOutcomes(log, { now: () => time });
    observe(refused("invalid_signature"));
    observe(refused("invalid_signature"));
    time = 90_000;
    observe(handled);
    expect(entries[1]).toContain("… and 1 more in the last 90 s");
    observe.flush?.();
  });

  it("reports those left out when the receiver closes", async () => {
    const { log, entries } = keptLog();
    const receiver = createReceiver({ secret, now, on: {}, onOutcome: logOutcomes(log) });
    for (let i = 0; i < 3; i += 1) await receiver.receive({ ...delivery(), body: "forged" });
    await receiver.close();
    expect(entries).toHaveLength(2);
    expect(entries[1]).toContain("401 invalid_signature: … and 2 more in the last 0 s");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("logs failures of different handlers, and different errors of one handler, separately", () => {
    const { log, entries } = keptLog();
    const observe = logOutcomes(log);
    const fail = (type: string, message: string) =>
      observe(refused("handler_failed", { type }, { cause: new TypeError(message) }));
    for (let i = 0; i < 100; i += 1) {
      fail("message.bounced", "no database");
      fail("message.opened", "no database");
      fail("message.opened", "no such table");
    }
    expect(entries.map((entry) => entry.split("\n", 2).join(""))).toEqual([
      "error [ahasend-webhooks] 500 handler_failed (message.bounced): Do this.  caused by: TypeError: no database",
      "error [ahasend-webhooks] 500 handler_failed (message.opened): Do this.  caused by: TypeError: no database",
      "error [ahasend-webhooks] 500 handler_failed (message.opened): Do this.  caused by: TypeError: no such table",
    ]);
    vi.advanceTimersByTime(60_000);
    expect(entries.slice(3).map((entry) => /and \d+ more/.exec(entry)?.[0])).toEqual(
      Array(3).fill("and 99 more"),
    );
  });

  it("does not let errors whose messages all differ fill the log", () => {
    const { log, entries } = keptLog();
    const observe = logOutcomes(log);
    for (let i = 0; i < 1000; i += 1)
      observe(refused("handler_failed", {}, { cause: new Error(`no row ${i}`) }));
    expect(entries.length).toBeLessThan(40);
    vi.advanceTimersByTime(60_000);
    expect(entries.at(-1)).toContain(`… and ${1001 - entries.length} more`);
  });

  it.each(["store_unavailable", "secret_unavailable", "body_aborted", "handler_failed"] as const)(
    "prints the causes of %s",
    (code) => {
      const { log, entries } = keptLog();
      const cause = new Error("outer", { cause: new Error("WRONGPASS") });
      logOutcomes(log)(refused(code, {}, { cause }));
      const lines = entries[0]?.split("\n").filter((line) => !line.trim().startsWith("at "));
      expect(lines?.slice(1)).toEqual(["  caused by: Error: outer", "    cause: Error: WRONGPASS"]);
    },
  );

  it("marks late outcomes, and deliveries handled although the store failed", () => {
    const { log, entries } = keptLog();
    const observe = logOutcomes(log);
    observe(refused("handler_failed", { late: true }));
    const storeError = new WebhookError("store_unavailable", "…", { cause: "gone" });
    observe({ ...handled, storeError });
    expect(entries).toEqual([
      "error [ahasend-webhooks] 500 handler_failed, late: Do this.",
      "warn [ahasend-webhooks] 204 handled, storeError store_unavailable: The store failed: a retry of this delivery may be handled again.\n  caused by: Thrown string: gone",
    ]);
  });

  it("does not let an error forge an entry", () => {
    const { log, entries } = keptLog();
    const cause = new Error("x\n[ahasend-webhooks] 204 handled", { cause: "y\n[ahasend-webhooks] 204" });
    logOutcomes(log)(refused("handler_failed", {}, { cause }));
    expect(entries.join("\n").match(/^(error )?\[ahasend/gm)).toHaveLength(1);
  });

  it.each(hostileValues)("logs a handler that threw %s", (_name, make) => {
    const { log, entries } = keptLog();
    logOutcomes(log)(refused("handler_failed", {}, { cause: make() }));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatch(/^error \[ahasend-webhooks\] 500 handler_failed: Do this\.\n {2}caused by: ./);
  });

  it("ignores a log that throws or rejects, also when a minute ends", async () => {
    const broken = {
      warn: () => Promise.reject(new Error("log")),
      error: () => {
        throw new Error("log");
      },
    };
    const observe = logOutcomes(broken);
    for (let i = 0; i < 2; i += 1) {
      observe(refused("invalid_signature"));
      observe(refused("handler_failed", {}, { cause: "boom" }));
    }
    await vi.advanceTimersByTimeAsync(60_000);
    observe.flush?.();
  });

  it("logs to the console by default, without secrets and bodies", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const error = vi.spyOn(console, "error").mockReturnValue();
    const receiver = createReceiver({
      secret,
      now,
      on: { "*": () => Promise.reject(new Error("boom")) },
      store: Object.assign(new MemoryStore(), { release: () => undefined }),
    });
    await receiver.receive({ ...delivery(), body: "forged" });
    await receiver.receive(delivery());
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^\[ahasend-webhooks\] 401 invalid_signature \(msg_1\): /)],
    ]);
    expect(error.mock.calls).toEqual([
      [
        expect.stringMatching(
          /500 handler_failed \(message\.bounced msg_1\): .*\n {2}caused by: Error: boom\n/,
        ),
      ],
    ]);
    const printed = JSON.stringify([warn.mock.calls, error.mock.calls]);
    for (const hidden of [secret, delivery().headers["webhook-signature"], bounced]) {
      expect(printed).not.toContain(hidden);
    }
    vi.restoreAllMocks();
  });
});

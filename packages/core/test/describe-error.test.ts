import { runInNewContext } from "node:vm";

import { describe, expect, it } from "vitest";

import { WebhookError, describeError, isWebhookError, summarizeError } from "../src/index.js";
import { hostileValues } from "./hostile.js";

/** A description without its stack frames. */
const withoutFrames = (error: unknown) =>
  describeError(error)
    .split("\n")
    .filter((line) => !line.trim().startsWith("at "));

describe("describeError", () => {
  it("names the error, its code and its message, and shows where it was created", () => {
    const error = Object.assign(new TypeError("connect failed"), { code: "ECONNREFUSED" });
    const [first, ...frames] = describeError(error).split("\n");
    expect(first).toBe("TypeError (ECONNREFUSED): connect failed");
    expect(frames[0]).toMatch(/^ {4}at .*describe-error\.test\.ts/);
    expect(frames.length).toBeLessThanOrEqual(10);
  });

  it("does not repeat a code that is part of the message", () => {
    const error = Object.assign(new Error("connect ECONNREFUSED ::1:5432"), { code: "ECONNREFUSED" });
    expect(withoutFrames(error)).toEqual(["Error: connect ECONNREFUSED ::1:5432"]);
  });

  it("calls a subclass without a name of its own by its class", () => {
    class SuppressionError extends Error {}
    expect(withoutFrames(new SuppressionError("full"))).toEqual(["SuppressionError: full"]);
  });

  it("follows causes and the errors of an AggregateError", () => {
    const refused = new Error("connect ECONNREFUSED");
    const all = new AggregateError(
      [new Error("first", { cause: refused }), "second", undefined],
      "both failed",
    );
    expect(withoutFrames(new Error("handler", { cause: all }))).toEqual([
      "Error: handler",
      "  cause: AggregateError: both failed",
      "    errors[0]: Error: first",
      "      cause: Error: connect ECONNREFUSED",
      "    errors[1]: Thrown string: second",
      "    errors[2]: Thrown undefined",
    ]);
  });

  it("shows at most five errors of an AggregateError and counts the others", () => {
    const all = new AggregateError(
      Array.from({ length: 12 }, (_, i) => new Error(`error ${i}`)),
      "all",
    );
    expect(withoutFrames(all).slice(4)).toEqual([
      "  errors[3]: Error: error 3",
      "  errors[4] (and 7 more): Error: error 4",
    ]);
  });

  it("marks a circular chain of causes", () => {
    const error = new Error("outer");
    error.cause = new Error("inner", { cause: error });
    expect(withoutFrames(error)).toEqual(["Error: outer", "  cause: Error: inner", "    cause: (see above)"]);
  });

  it("describes errors of another realm like its own", () => {
    const error: unknown = runInNewContext("new RangeError('foreign', { cause: new Error('inner') })");
    expect(withoutFrames(error)).toEqual(["RangeError: foreign", "  cause: Error: inner"]);
  });

  it.each([
    [undefined, "Thrown undefined"],
    [null, "Thrown null"],
    ["boom", "Thrown string: boom"],
    [10n, "Thrown bigint: 10"],
    [Symbol("odd"), "Thrown symbol: Symbol(odd)"],
    [{ status: 404 }, "Thrown object without a message"],
    [{ message: "not found" }, "Object: not found"],
    [Object.create(null), "Thrown object without a message"],
  ])("describes %o, which is not an error", (thrown, description) => {
    expect(describeError(thrown)).toBe(description);
  });

  it("leaves out every other property, where drivers keep arguments and rows", () => {
    const error = Object.assign(new Error("duplicate key value"), {
      code: "23505",
      detail: "Key (email)=(ann@example.com) already exists.",
      parameters: ["ann@example.com"],
      command: { name: "set", args: ["ann@example.com"] },
      config: { headers: { authorization: "Bearer 123" } },
    });
    expect(withoutFrames(error)).toEqual(["Error (23505): duplicate key value"]);
  });

  it("leaves out the credentials of a URL", () => {
    const error = new Error("cannot reach redis://app:hunter2@cache:6379/0 or https://token@host/");
    expect(withoutFrames(error)).toEqual([
      "Error: cannot reach redis://***@cache:6379/0 or https://***@host/",
    ]);
  });

  it("leaves out a whole password that contains an @", () => {
    const error = new Error("cannot reach postgres://app:p@ss@db/app");
    expect(withoutFrames(error)).toEqual(["Error: cannot reach postgres://***@db/app"]);
  });

  it("lets no message forge a line of the log, or steer a terminal", () => {
    const text = describeError(
      new Error("x\r\n[ahasend-webhooks] forged\u2028also\rthis\u001b[2J\u0000\u202e\u0085", {
        cause: "y\n[ahasend-webhooks] forged",
      }),
    );
    expect(text).not.toMatch(/[^\n\P{C}]|[\u2028\u2029]/u);
    expect(text).toContain("\\u{1b}[2J");
    for (const line of text.split("\n").slice(1)) expect(line).toMatch(/^ {2}/);
  });

  it("does not mistake a line of a message for a stack frame", () => {
    const text = describeError(new Error("x\n    at forged (evil.js:1:1)"));
    expect(text.match(/forged/g)).toHaveLength(1);
  });

  it.each(hostileValues)("survives %s and stays short", (_name, make) => {
    const text = describeError(make());
    expect(text).not.toBe("");
    expect(text.length).toBeLessThan(20_000);
    expect(text.split("\n").length).toBeLessThanOrEqual(80);
  });
});

describe("isWebhookError", () => {
  it.each(hostileValues)("does not throw for %s", (_name, make) => {
    expect(typeof isWebhookError(make())).toBe("boolean");
  });

  it("recognizes an error of another realm by its brand", () => {
    const foreign: unknown = runInNewContext(
      "Object.assign(new Error('foreign'), { [Symbol.for('@ahasend-webhooks/core/WebhookError')]: true })",
    );
    expect(isWebhookError(foreign)).toBe(true);
    expect(isWebhookError(new WebhookError("closing", "ours"))).toBe(true);
    expect(isWebhookError(runInNewContext("new Error('other')"))).toBe(false);
  });
});

it("summarizes in one line, with the inner errors of one without a message", () => {
  const refused = ["::1", "127.0.0.1"].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
  expect(summarizeError(new Error("two\nlines"))).toBe("Error: two");
  expect(summarizeError(new AggregateError(refused))).toBe(
    "AggregateError: Error: connect ECONNREFUSED ::1:5432 Error: connect ECONNREFUSED 127.0.0.1:5432",
  );
});

import { Observable, Subject, concat, defer, throwError } from "rxjs";
import { describe, expect, it } from "vitest";

import { createReceiver } from "../../src/index.js";
import { deferred, delivery, recording } from "../helpers.js";

/** Receives one delivery with a handler that returns this. */
async function receive(handler: () => unknown) {
  const { options, outcomes } = recording({ "*": handler });
  const reply = await createReceiver(options).receive(delivery());
  return { status: reply.status, outcomes };
}

describe("what a handler returns", () => {
  it("subscribes to an Observable that a handler returns", async () => {
    let ran = false;
    const cold = () => defer(async () => void (ran = true));
    expect(await receive(cold)).toMatchObject({ status: 204, outcomes: [{ code: "handled" }] });
    expect(ran).toBe(true);
  });

  it("waits for an Observable that a handler returns", async () => {
    const subject = new Subject<number>();
    let replied = false;
    const reply = receive(() => subject).then(() => (replied = true));
    await new Promise(setImmediate);
    subject.next(1);
    await new Promise(setImmediate);
    expect(replied).toBe(false);
    subject.complete();
    await reply;
  });

  it.each([
    [
      "an Observable that fails",
      () =>
        concat(
          [1],
          throwError(() => new Error("database is down")),
        ),
    ],
    [
      "an Observable that throws",
      () =>
        new Observable(() => {
          throw new Error("database is down");
        }),
    ],
    ["a list with a promise that rejects", () => [1, Promise.reject(new Error("database is down"))]],
    ["a list of lists", () => [[Promise.reject(new Error("database is down"))]]],
  ])("fails the delivery if a handler returns %s", async (_what, handler) => {
    expect(await receive(handler)).toMatchObject({
      status: 500,
      outcomes: [{ code: "handler_failed", error: { cause: { message: "database is down" } } }],
    });
  });

  it("waits for all promises in a list that a handler returns", async () => {
    const slow = deferred();
    let replied = false;
    const reply = receive(() => [Promise.reject(new Error("one")), slow.promise]).then(
      () => (replied = true),
    );
    await new Promise(setImmediate);
    expect(replied).toBe(false);
    slow.resolve();
    await reply;
  });

  it.each([
    ["a generator function", function* () {}],
    ["an async generator function", async function* () {}],
  ])("fails the delivery if the handler is %s, whose body would not run", async (_what, handler) => {
    expect(await receive(handler)).toMatchObject({
      status: 500,
      outcomes: [
        {
          error: {
            cause: {
              message: expect.stringMatching(/generator.*: write it as an async function\.$/) as string,
            },
          },
        },
      ],
    });
  });

  it.each([
    ["nothing to wait for", () => [{ rows: [1] }, null, "x"]],
    [
      "itself",
      () => {
        const list: unknown[] = [];
        list.push(list);
        return list;
      },
    ],
  ])("ignores a returned list of %s", async (_what, handler) => {
    expect((await receive(handler)).status).toBe(204);
  });
});

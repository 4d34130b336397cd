import { describe, expect, it } from "vitest";

import { MemoryStore, type ReceiverOptions, createReceiver, createVerifier, sign } from "../../src/index.js";
import { at, bounced, codeOf, delivery, now, recording, secret } from "../helpers.js";

const other = `${secret}-of-another-tenant`;

describe("a secret per tenant", () => {
  const secrets: Record<string, string> = { a: secret, b: other };

  function start(more: Partial<ReceiverOptions> = {}) {
    const handled: unknown[] = [];
    const { options, outcomes } = recording(
      { "*": (_event, { native }) => void handled.push(native) },
      {
        secret: ({ native }) => ({
          secret: secrets[native as string] ?? [],
          endpoint: `tenant-${native as string}`,
        }),
        ...more,
      },
    );
    return { receiver: createReceiver(options), outcomes, handled };
  }

  it("keeps the deliveries of tenants apart, so that one cannot use up the ids of another", async () => {
    const { receiver, handled, outcomes } = start();
    const ofA = delivery(bounced, "msg_42");
    const ofB = deliveryWith(other, "msg_42");
    for (const request of [
      { ...ofA, native: "a" },
      { ...ofB, native: "b" },
      { ...ofB, native: "b" },
    ]) {
      expect(await receiver.receive(request)).toMatchObject({ status: 204 });
    }
    expect(handled).toEqual(["a", "b"]);
    expect(outcomes.map(({ code, endpoint }) => [code, endpoint])).toEqual([
      ["handled", "tenant-a"],
      ["handled", "tenant-b"],
      ["duplicate", "tenant-b"],
    ]);
  });

  it("refuses the delivery of one tenant at the URL of another, and an unknown tenant", async () => {
    const { receiver, handled } = start();
    for (const native of ["b", "nobody"]) {
      expect(codeOf(await receiver.receive({ ...delivery(), native }))).toBe("invalid_signature");
    }
    expect(handled).toEqual([]);
  });

  it.each([
    ["", "empty"],
    ["a:b", "with a colon"],
    [undefined, "missing"],
  ])("refuses with 503 if the look-up returns the endpoint %j (%s)", async (endpoint, _what) => {
    const { receiver, outcomes } = start({ secret: () => ({ secret, endpoint: endpoint as string }) });
    expect(codeOf(await receiver.receive(delivery()))).toBe("secret_unavailable");
    expect(outcomes).toMatchObject([
      { error: { cause: { message: expect.stringContaining("endpoint") as string } } },
    ]);
  });
});

describe("a secret look-up", () => {
  it("reports a look-up that returns an invalid secret as such, not as slow", async () => {
    const { options, outcomes } = recording({}, { secret: () => `${secret}\n` });
    expect(codeOf(await createReceiver(options).receive(delivery()))).toBe("secret_unavailable");
    expect(outcomes).toMatchObject([
      {
        error: {
          message: expect.stringContaining("an invalid secret") as string,
          cause: { message: expect.stringContaining("white space") as string },
        },
      },
    ]);
  });

  it("logs that a look-up returned nothing, because a missing environment variable looks the same", async () => {
    const { options, outcomes } = recording({}, { secret: () => undefined });
    expect(codeOf(await createReceiver(options).receive(delivery()))).toBe("invalid_signature");
    expect(outcomes).toMatchObject([
      { error: { message: expect.stringContaining("environment variable") as string } },
    ]);
  });

  it("accepts any thenable from a look-up", async () => {
    // oxlint-disable-next-line unicorn/no-thenable
    const thenable = { then: (resolve: (found: string) => void) => resolve(secret) };
    const { options } = recording({}, { secret: () => thenable as PromiseLike<string> });
    expect(await createReceiver(options).receive(delivery())).toMatchObject({ status: 204 });
  });

  it("runs at most 100 look-ups at a time", async () => {
    let running = 0;
    let most = 0;
    let looked = 0;
    const pending: (() => void)[] = [];
    const lookUp = async () => {
      looked += 1;
      most = Math.max(most, (running += 1));
      await new Promise<void>((resolve) => pending.push(resolve));
      running -= 1;
      return secret;
    };
    const { options } = recording({}, { secret: lookUp, store: new MemoryStore() });
    const receiver = createReceiver(options);
    const replies = Array.from({ length: 350 }, (_, index) =>
      receiver.receive(delivery(bounced, `msg_${index}`)),
    );
    while (looked < replies.length || pending.length > 0) {
      pending.splice(0).forEach((resolve) => resolve());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await Promise.all(replies)).every(({ status }) => status === 204)).toBe(true);
    expect(most).toBe(100);
  });

  it("serves all waiting requests once the look-up has cached its result", async () => {
    let cached: string | undefined;
    const pending: (() => void)[] = [];
    const lookUp = () => cached ?? new Promise<string>((resolve) => pending.push(() => resolve(secret)));
    const receiver = createReceiver(recording({}, { secret: lookUp }).options);
    const replies = Array.from({ length: 350 }, (_, index) =>
      receiver.receive(delivery(bounced, `msg_${index}`)),
    );
    cached = secret;
    pending.forEach((resolve) => resolve());
    const statuses = (await Promise.all(replies)).map(({ status }) => status);
    expect(statuses).toEqual(Array(350).fill(204));
  });
});

describe("a secret that cannot be right", () => {
  it.each([
    [`"${secret}"`, "quotes"],
    [`'${secret}'`, "quotes"],
    ["aha-sk-0123456789abcdef0123456789abcdef", "API key"],
    [undefined, "undefined"],
    [null, "null"],
    [7, "number"],
  ])("refuses an invalid secret at the start: %j", (wrong, word) => {
    for (const start of [createReceiver, createVerifier]) {
      expect(() => start({ secret: wrong as string, on: {} })).toThrow(
        new RegExp(`^secret .*${word}.*: .*\\.$`),
      );
    }
  });
});

it.each([
  [[secret, undefined], "secret lists undefined: leave it out while no secret is being replaced."],
  [["short", secret], "secret (entry 1 of 2) is shorter than 16 characters: copy all of it."],
])("names the one of a list of secrets that cannot be right: %j", (secrets, message) => {
  const start = () => createReceiver({ secret: secrets as string[], on: {} });
  expect(start).toThrow(new TypeError(message));
});

describe("a misspelt option", () => {
  it.each([
    ["toleranceSecond", "toleranceSeconds"],
    ["tolerance", "toleranceSeconds"],
    ["maxbodybytes", "maxBodyBytes"],
    ["onOutcomes", "onOutcome"],
    ["secrets", "secret"],
  ])("refuses a misspelt option at the start, with the right name: %s", (wrong, right) => {
    const start = () => createReceiver({ secret, on: {}, [wrong]: 1 });
    expect(start).toThrow(new TypeError(`${wrong} is not an option: did you mean ${right}?`));
  });

  it("refuses an unknown option with the list of options", () => {
    expect(() => createVerifier({ secret, now, logger: console } as object)).toThrow(
      /^logger is not an option: the options are .*maxBodyBytes/,
    );
  });

  it("refuses a misspelt event type with the right name", () => {
    expect(() => createReceiver({ secret, on: { "message.bouncd": () => undefined } as object })).toThrow(
      'on["message.bouncd"] is not an event type: did you mean "message.bounced"?',
    );
  });
});

function deliveryWith(key: string, id: string) {
  const { headers, body } = delivery(bounced, id);
  return {
    headers: { ...headers, "webhook-signature": sign({ secret: key, id, timestamp: at, body: bounced }) },
    body,
  };
}

import { EventEmitter } from "node:events";
import { PassThrough, Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import {
  type AhaSendEvent,
  type ReceiverOptions,
  createReceiver,
  createVerifier,
  verify,
} from "../../src/index.js";
import { bounced, codeOf, delivery, inbound, now, recording, secret } from "../helpers.js";

const MB = 1_000_000;

function* chunksOf(bytes: Uint8Array, size = 65_536) {
  for (let offset = 0; offset < bytes.length; offset += size)
    yield Buffer.from(bytes.subarray(offset, offset + size));
}

/** A receiver that answers every event, and what it was asked to handle. */
function counting(more: Partial<ReceiverOptions> = {}) {
  let handled = 0;
  const { options, outcomes } = recording({ "*": () => void (handled += 1) }, more);
  return { receiver: createReceiver(options), outcomes, handled: () => handled };
}

describe("a large body", () => {
  const body = inbound(20 * MB);
  const { headers } = delivery(body);

  it.each([
    ["a Node stream", () => Readable.from(chunksOf(body))],
    ["a web stream", () => new Blob([body]).stream()],
    [
      "an async iterable",
      () =>
        (async function* () {
          yield* chunksOf(body, 999_983);
        })(),
    ],
    ["bytes", () => body],
    ["an ArrayBuffer", () => body.buffer.slice(body.byteOffset, body.byteOffset + body.length)],
  ])("receives a large body whole as %s", async (_shape, stream) => {
    const { context, event } = await createVerifier({ secret, now }).verify({ headers, body: stream() });
    expect(Buffer.compare(context.rawBody, body)).toBe(0);
    expect(event.type).toBe("message.routing");
  });
});

describe("a body that only imitates a stream", () => {
  const imitation = (more: object, chunk: unknown) => {
    const stream = Object.assign(new EventEmitter(), { pause: () => undefined }, more);
    setImmediate(() => {
      stream.emit("data", chunk);
      stream.emit("end");
    });
    return { ...delivery(), body: stream };
  };
  const { receiver } = counting();

  it("reads a body whose listeners cannot be removed", async () => {
    const request = imitation({ off: undefined }, Buffer.from(bounced));
    expect(await receiver.receive(request)).toMatchObject({ status: 204 });
  });

  it("refuses a body that cannot be paused", async () => {
    const pause = () => {
      throw new Error("not supported");
    };
    const request = imitation({ pause }, { parsed: true });
    expect(await receiver.receive(request)).toMatchObject({ body: '{"code":"body_already_parsed"}' });
  });

  it("reads a body whose reader returns thenables", async () => {
    const chunks = [{ value: Buffer.from(bounced) }, { done: true }];
    // oxlint-disable-next-line unicorn/no-thenable
    const read = () => ({ then: (resolve: (chunk: unknown) => void) => resolve(chunks.shift()) });
    const body = { getReader: () => ({ read, cancel: () => undefined }) };
    expect(await counting().receiver.receive({ ...delivery(), body })).toMatchObject({ status: 204 });
  });
});

describe("the size limit", () => {
  const body = inbound(1000);
  const { headers } = delivery(body);

  it.each([
    ["bytes", () => body],
    ["a Node stream", () => Readable.from(chunksOf(body, 100))],
    ["a web stream", () => new Blob([body]).stream()],
  ])("refuses a body over maxBodyBytes as %s and reads no further", async (_shape, stream) => {
    const exact = counting({ maxBodyBytes: body.length });
    expect(await exact.receiver.receive({ headers, body: stream() })).toMatchObject({ status: 204 });
    const tight = counting({ maxBodyBytes: body.length - 1 });
    const reply = await tight.receiver.receive({ headers, body: stream() });
    expect(reply).toMatchObject({
      status: 413,
      body: '{"code":"body_too_large"}',
      headers: { connection: "close" },
    });
    expect(tight.handled()).toBe(0);
  });

  it("stops pulling from an endless stream", async () => {
    let pulled = 0;
    let cancelled = false;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(100_000));
      },
      cancel: () => void (cancelled = true),
    });
    const { receiver } = counting({ maxBodyBytes: MB });
    expect(codeOf(await receiver.receive({ headers, body }))).toBe("body_too_large");
    expect(pulled).toBeLessThan(15);
    expect(cancelled).toBe(true);
  });
});

describe("a body that does not arrive", () => {
  const { headers } = delivery();

  it.each([
    ["a Node stream", () => new PassThrough()],
    ["a web stream", () => new ReadableStream()],
    [
      "an async iterable",
      () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }),
    ],
  ])("refuses a body that has not arrived within bodyTimeoutSeconds (%s)", async (_shape, stream) => {
    const { receiver, handled } = counting({ bodyTimeoutSeconds: 0.01 });
    const reply = await receiver.receive({ headers, body: stream() });
    expect(reply).toMatchObject({
      status: 408,
      body: '{"code":"body_timeout"}',
      headers: { connection: "close" },
    });
    expect(handled()).toBe(0);
  });

  it("does not handle a body whose sender disconnected", async () => {
    const stream = new PassThrough();
    const { receiver, handled, outcomes } = counting();
    const pending = receiver.receive({ headers, body: stream });
    stream.write(bounced.slice(0, 20));
    stream.destroy(new Error("reset"));
    expect((await pending).status).toBe(400);
    expect(handled()).toBe(0);
    expect(outcomes).toMatchObject([{ code: "body_aborted", deliveryId: "msg_1" }]);
  });

  it("does not wait for a stream that was destroyed before", async () => {
    const stream = new PassThrough();
    stream.destroy();
    expect((await counting().receiver.receive({ headers, body: stream })).status).toBe(400);
  });

  it("does not handle a body whose iterable throws", async () => {
    const body = (async function* () {
      yield Buffer.from("{");
      throw new Error("disk");
    })();
    expect((await counting().receiver.receive({ headers, body })).status).toBe(400);
  });
});

describe("a body of a Fetch request that declares a small length", () => {
  const request = (body: string | ReadableStream, length: number, headers = delivery().headers) =>
    new Request("http://localhost/", {
      method: "POST",
      headers: { ...headers, "content-length": String(length) },
      body,
      duplex: "half",
    });

  it("receives a Fetch request with a small declared length", async () => {
    const { receiver, handled } = counting();
    expect((await receiver.fetch(request(bounced, bounced.length))).status).toBe(204);
    expect(handled()).toBe(1);
  });

  it("does not read a Fetch body when its headers are refused", async () => {
    const refused = request(bounced, bounced.length, { ...delivery().headers, "webhook-timestamp": "1" });
    expect((await counting().receiver.fetch(refused)).status).toBe(400);
    expect(refused.bodyUsed).toBe(false);
  });

  it("refuses a Fetch body that has not arrived within bodyTimeoutSeconds", async () => {
    const { receiver } = counting({ bodyTimeoutSeconds: 0.01 });
    expect((await receiver.fetch(request(new ReadableStream(), bounced.length))).status).toBe(408);
  });

  it("refuses a Fetch body that is larger than declared", async () => {
    const { receiver, handled } = counting({ maxBodyBytes: 100_000 });
    const body = new Blob([Buffer.alloc(100_001)]).stream();
    expect((await receiver.fetch(request(body, 550))).status).toBe(413);
    expect(handled()).toBe(0);
  });
});

describe("a stream that fails while it is not read", () => {
  it.each([
    ["a secret is looked up", () => Promise.resolve(secret), delivery().headers, "body_aborted"],
    ["its headers are refused", secret, {}, "missing_header"],
  ])("survives the error of an unread stream when %s", async (_when, key, headers, code) => {
    const stream = new PassThrough();
    const { receiver } = counting({ secret: key });
    const pending = receiver.receive({ headers, body: stream });
    stream.destroy(new Error("reset"));
    expect(codeOf(await pending)).toBe(code);
    await new Promise((resolve) => stream.once("close", resolve));
  });

  it("survives the error of an unread stream when the receiver is closed", async () => {
    const stream = new PassThrough();
    const { receiver } = counting();
    await receiver.close();
    const pending = receiver.receive({ headers: delivery().headers, body: stream });
    stream.destroy(new Error("reset"));
    expect(codeOf(await pending)).toBe("closing");
    await new Promise((resolve) => stream.once("close", resolve));
  });

  it.each([
    ["it was read to its end", bounced.length, {}, undefined],
    ["it was refused half-way", undefined, { maxBodyBytes: 10 }, "body_too_large"],
  ])("survives the error of a stream after %s", async (_when, length, limits, code) => {
    const stream = new PassThrough();
    const { receiver } = counting(limits);
    const headers = { ...delivery().headers, ...(length !== undefined && { "content-length": `${length}` }) };
    const pending = receiver.receive({ headers, body: stream });
    stream.write(bounced);
    expect(codeOf(await pending)).toBe(code);
    stream.destroy(new Error("reset"));
    await new Promise((resolve) => stream.once("close", resolve));
  });

  it("replies with the refusal although the iterator cannot be stopped", async () => {
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: new Uint8Array(1000) }),
        return() {
          throw new Error("cannot stop");
        },
      }),
    };
    const { receiver } = counting({ maxBodyBytes: 5000 });
    expect(codeOf(await receiver.receive({ headers: delivery().headers, body }))).toBe("body_too_large");
  });
});

describe("a body that no signature can fit", () => {
  it.each([
    ["the sender is unknown", { secret: () => undefined }, {}],
    ["no entry is of a known version", {}, { "webhook-signature": "v7,AAAA garbage" }],
  ])("does not read a body when %s", async (_when, options, changed) => {
    let pulled = false;
    const body = new Readable({ read: () => void (pulled = true) });
    const { receiver } = counting(options);
    const reply = await receiver.receive({ headers: { ...delivery().headers, ...changed }, body });
    expect(codeOf(reply)).toBe("invalid_signature");
    expect(pulled).toBe(false);
  });
});

describe("a body that was parsed before", () => {
  const { headers } = delivery();

  it.each<[string, () => unknown]>([
    ["a parsed object", () => JSON.parse(bounced)],
    ["a parsed array", () => [1]],
    ["nothing", () => undefined],
    ["null", () => null],
    ["a number", () => 7],
    ["a drained Node stream", () => drained()],
    ["a locked web stream", () => locked()],
    ["a stream of objects", () => Readable.from([{ type: "message.bounced" }])],
  ])("refuses a parsed body at once, with advice, as %s", async (_shape, make) => {
    const { receiver, outcomes } = counting();
    const reply = await receiver.receive({ headers, body: await make() });
    expect(reply).toMatchObject({ status: 500, body: '{"code":"body_already_parsed"}' });
    expect(outcomes).toMatchObject([
      { error: { message: expect.stringContaining("before body parsers") as string } },
    ]);
  });

  it("refuses a stream in verify, which accepts bytes and strings only", () => {
    for (const body of [JSON.parse(bounced), Readable.from([bounced])]) {
      expect(() => verify({ headers, body }, { secret, now })).toThrow(
        expect.objectContaining({ code: "body_already_parsed" }),
      );
    }
  });

  it("refuses a Fetch request whose body was read", async () => {
    const request = new Request("http://localhost", { method: "POST", headers, body: bounced });
    await request.text();
    const response = await counting().receiver.fetch(request);
    expect([response.status, await response.text()]).toEqual([500, '{"code":"body_already_parsed"}']);
  });
});

describe("the payload", () => {
  const bytes = (...parts: (string | number[])[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part as string)));

  it.each<[string, Uint8Array]>([
    ["empty", bytes()],
    ["blank", bytes(" \n")],
    ["broken UTF-8", bytes('{"type":"x', [0xff], '"}')],
    ["a BOM", bytes([0xef, 0xbb, 0xbf], bounced)],
    ["truncated", bytes(bounced.slice(0, -1))],
    ["no object", bytes('"message.bounced"')],
    ["an array", bytes("[]")],
    ["null", bytes("null")],
    ["without a type", bytes('{"data":{}}')],
    ["with an empty type", bytes('{"type":"","data":{}}')],
    ["with a type that is not a string", bytes('{"type":["message.bounced"],"data":{}}')],
    ["of a known type without data", bytes('{"type":"message.bounced"}')],
    ["of a known type with a list as data", bytes('{"type":"message.bounced","data":[]}')],
    ["nested 10,000 deep", bytes(`{"type":"x","data":${"[".repeat(10_000)}${"]".repeat(10_000)}}`)],
  ])("refuses a signed payload: %s", async (_name, body) => {
    const { receiver, handled } = counting();
    expect(await receiver.receive(delivery(body))).toMatchObject({
      status: 400,
      body: '{"code":"invalid_payload"}',
    });
    expect(handled()).toBe(0);
  });

  it.each([
    ["ASCII", "plain", "plain"],
    ["Latin-1", "süß", "süß"],
    ["any", "zażółć 🐝", "zażółć 🐝"],
    ["escaped", "\\u00fc\\ud83d\\udc1d", "ü🐝"],
  ])("keeps the characters of a large payload: %s", (_name, written, read) => {
    const text = `{"type":"message.new","data":{"long":"${"x".repeat(70_000)}","text":"${written}"}}`;
    const { event } = verify(delivery(text), { secret, now });
    expect((event.data as { text: string }).text).toBe(read);
  });

  it("refuses a large payload that is not UTF-8", () => {
    const text = Buffer.from(`{"type":"message.new","data":"${"x".repeat(70_000)}ü"}`, "latin1");
    expect(() => verify(delivery(text), { secret, now })).toThrow(
      expect.objectContaining({ code: "invalid_payload" }),
    );
  });

  it("neither sends a refused payload back nor quotes it in the error", async () => {
    const { receiver, outcomes } = counting();
    await receiver.receive(delivery('{"password":hunter2}'));
    expect(outcomes).toMatchObject([{ code: "invalid_payload" }]);
    expect(String((outcomes[0] as { error: Error }).error.stack)).not.toContain("hunter2");
    expect((outcomes[0] as { error: Error }).error.cause).toBeUndefined();
  });

  it("keeps unknown fields, large numbers in rawBody, and the deprecated name's payload", () => {
    const text = '{"type":"route.message","new_field":1,"data":{"id":"1","extra":{"size":9007199254740993}}}';
    const { event, context } = verify(delivery(text), { secret, now });
    expect(event).toMatchObject({ type: "message.routing", new_field: 1, data: { extra: {} } });
    expect(Buffer.from(context.rawBody).toString()).toContain("9007199254740993");
  });

  it("does not let a payload set a prototype", () => {
    const text =
      '{"type":"message.routing","__proto__":{"admin":true},"data":{"__proto__":{"admin":true},"headers":{"__proto__":"x","constructor":"y","Subject":"z"}}}';
    const event = verify(delivery(text), { secret, now }).event as AhaSendEvent & { admin?: boolean };
    if (event.type !== "message.routing") throw new Error("another type");
    expect(event.admin).toBeUndefined();
    expect((event.data as { admin?: boolean }).admin).toBeUndefined();
    expect(Object.getPrototypeOf(event.data.headers)).toBe(Object.prototype);
    expect(Object.entries(event.data.headers!)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
      ["Subject", "z"],
    ]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

async function drained() {
  const stream = Readable.from([bounced]);
  for await (const chunk of stream) void chunk;
  return stream;
}

function locked() {
  const stream = new Blob([bounced]).stream();
  stream.getReader();
  return stream;
}

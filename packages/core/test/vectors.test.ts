import { createHash } from "node:crypto";
import { Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import { createReceiver, isWebhookError, verify } from "../src/index.js";
import { type Vector, clockOf, headersOf, vectors } from "./helpers.js";

const bytesOf = (vector: Vector) => Buffer.from(vector.body, "utf8");

function receiverFor(vector: Vector) {
  const seen: { type: string; rawBody: Uint8Array }[] = [];
  const receiver = createReceiver({
    secret: vector.secret,
    now: clockOf(vector),
    on: { "*": (event, context) => void seen.push({ type: event.type, rawBody: context.rawBody }) },
  });
  return { receiver, seen };
}

describe.each(vectors)("vector $name", (vector) => {
  const options = { secret: vector.secret, now: clockOf(vector) };

  it("carries the bytes the sender signed", () => {
    expect(createHash("sha256").update(bytesOf(vector)).digest("hex")).toBe(vector.body_sha256);
  });

  it("accepts the vector in verify", () => {
    const { event, context } = verify({ headers: headersOf(vector), body: bytesOf(vector) }, options);
    expect(event.type).toBe(vector.type);
    expect(context.deliveryId).toBe(vector.webhook_id_header);
    expect(context.sentAt.getTime()).toBe(Number(vector.webhook_timestamp) * 1000);
    expect(Buffer.from(context.rawBody).equals(bytesOf(vector))).toBe(true);
  });

  it.each([
    ["bytes", () => bytesOf(vector)],
    ["text", () => vector.body],
    ["a Node stream", () => Readable.from([bytesOf(vector)])],
    [
      "a Node stream of single bytes",
      () => Readable.from([...bytesOf(vector)].map((byte) => Buffer.of(byte))),
    ],
    ["a web stream", () => new Blob([vector.body]).stream()],
  ])("accepts the vector in receive as %s", async (_shape, body) => {
    const { receiver, seen } = receiverFor(vector);
    const reply = await receiver.receive({ headers: headersOf(vector), body: body() });
    expect(reply).toMatchObject({ status: 204, body: "" });
    expect(seen.map(({ type }) => type)).toEqual([vector.type]);
    expect(Buffer.from(seen[0]!.rawBody).equals(bytesOf(vector))).toBe(true);
  });

  it("accepts the vector in fetch", async () => {
    const { receiver, seen } = receiverFor(vector);
    const request = new Request("http://localhost/", {
      method: "POST",
      headers: headersOf(vector),
      body: vector.body,
    });
    expect((await receiver.fetch(request)).status).toBe(204);
    expect(seen.map(({ type }) => type)).toEqual([vector.type]);
  });

  it("refuses the vector if the body was parsed and serialized again", () => {
    const body = JSON.stringify(JSON.parse(vector.body));
    const attempt = () => verify({ headers: headersOf(vector), body }, options);
    // Only bodies with characters that the sender escapes differ from what JSON.stringify writes.
    if (body === vector.body) expect(attempt().event.type).toBe(vector.type);
    else expect(attempt).toThrow(expect.objectContaining({ code: "invalid_signature" }));
  });

  it.each(["webhook-id", "webhook-timestamp", "webhook-signature"] as const)(
    "is refused with any single bit of %s flipped",
    (name) => {
      const headers = headersOf(vector);
      const body = bytesOf(vector);
      const codes = Array.from(bitFlips(Buffer.from(headers[name], "latin1")), (flipped) =>
        refusal({ headers: { ...headers, [name]: flipped.toString("latin1") }, body }, options),
      );
      for (const code of new Set(codes)) {
        expect(code).toMatch(/^(invalid_signature|invalid_header|stale_timestamp)$/);
      }
    },
  );

  it("refuses the vector with any single bit of the body flipped", () => {
    const headers = headersOf(vector);
    const codes = Array.from(bitFlips(bytesOf(vector)), (body) => refusal({ headers, body }, options));
    expect([...new Set(codes)]).toEqual(["invalid_signature"]);
  });
});

it("has vectors that a re-serializing receiver would refuse", () => {
  const trapped = vectors.filter(({ body }) => JSON.stringify(JSON.parse(body)) !== body);
  expect(trapped.length).toBeGreaterThan(vectors.length / 2);
});

function* bitFlips(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    yield flipped;
  }
}

function refusal(...args: Parameters<typeof verify>): string {
  try {
    verify(...args);
    return "accepted";
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    return error.code;
  }
}

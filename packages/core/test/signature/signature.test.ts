import { createHmac, generateKeyPairSync, sign as signEd25519 } from "node:crypto";
import { Readable } from "node:stream";
import { inspect } from "node:util";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type WebhookError, createReceiver, createVerifier, sign, verify } from "../../src/index.js";
import { at, bounced, delivery, now, secret } from "../helpers.js";

/** The worked example of the Standard Webhooks specification. */
const example = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1614265330,
  body: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

describe("sign", () => {
  it("agrees with the worked example of Standard Webhooks", () => {
    expect(sign({ ...example, secretFormat: "base64" })).toBe(example.signature);
  });

  it("uses the literal characters of a secret by default", () => {
    expect(sign(example)).not.toBe(example.signature);
  });

  it("signs a string as its UTF-8 bytes", () => {
    const text = { secret, id: "msg_1", timestamp: at, body: "zażółć 🐝" };
    expect(sign(text)).toBe(sign({ ...text, body: Buffer.from(text.body) }));
  });
});

describe("secrets", () => {
  const { headers, body } = delivery();

  it("accepts a signature of any of several secrets", () => {
    for (const list of [
      [secret, `${secret}-new`],
      [`${secret}-new`, secret],
    ]) {
      expect(verify({ headers, body }, { secret: list, now }).event.type).toBe("message.bounced");
    }
  });

  it("refuses a signature of none of several secrets", () => {
    const others = [`${secret}1`, `${secret}2`];
    expect(() => verify({ headers, body }, { secret: others, now })).toThrow(
      expect.objectContaining({ code: "invalid_signature" }),
    );
  });

  it("verifies other Standard Webhooks senders with secretFormat base64", () => {
    const id = "msg_1";
    for (const stock of [example.secret, example.secret.slice("whsec_".length)]) {
      const signature = sign({ secret: stock, id, timestamp: at, body: bounced, secretFormat: "base64" });
      const request = { headers: { ...delivery().headers, "webhook-signature": signature }, body: bounced };
      expect(verify(request, { secret: stock, secretFormat: "base64", now }).event.type).toBe(
        "message.bounced",
      );
      expect(() => verify(request, { secret: stock, now })).toThrow(
        expect.objectContaining({ code: "invalid_signature" }),
      );
    }
  });

  it("looks up secrets by request, with its native request", async () => {
    const tenants = new Map([["acme", secret]]);
    const verifier = createVerifier({
      secret: async ({ native }) => tenants.get((native as { tenant: string }).tenant),
      now,
    });
    const verified = await verifier.verify({ headers, body, native: { tenant: "acme" } });
    expect(verified.event.type).toBe("message.bounced");
    await expect(verifier.verify({ headers, body, native: { tenant: "other" } })).rejects.toMatchObject({
      code: "invalid_signature",
    });
  });

  it.each([
    ["throws", () => Promise.reject(new Error("vault is down"))],
    ["returns a blank secret", () => "   "],
  ])("refuses with 503 if the secret look-up %s", async (_name, lookUp) => {
    const receiver = createReceiver({ secret: lookUp, now, on: {}, onOutcome: () => undefined });
    const reply = await receiver.receive({ headers, body });
    expect(reply).toMatchObject({
      status: 503,
      body: '{"code":"secret_unavailable"}',
      headers: { "retry-after": "5" },
    });
  });

  it("still accepts the public key if the look-up returns no secret", async () => {
    const pair = generateKeyPairSync("ed25519");
    const raw = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    const signature = signEd25519(null, Buffer.from(`msg_1.${at}.${bounced}`), pair.privateKey).toString(
      "base64",
    );
    const verifier = createVerifier({
      secret: () => undefined,
      publicKey: `whpk_${raw.toString("base64")}`,
      now,
    });
    const signed = { ...headers, "webhook-signature": `v1a,${signature}` };
    expect((await verifier.verify({ headers: signed, body })).event.type).toBe("message.bounced");
  });

  it("shows no secret in a printed receiver, store, error or outcome", async () => {
    const printed: unknown[] = [];
    const receiver = createReceiver({ secret, now, on: {}, onOutcome: (outcome) => printed.push(outcome) });
    printed.push(receiver, createVerifier({ secret }));
    printed.push(await receiver.receive({ headers: { ...headers, "webhook-id": "msg_2" }, body }));
    const text = printed
      .map((value) => inspect(value, { depth: 10, showHidden: true }) + JSON.stringify(value))
      .join();
    expect(text).not.toContain(secret);
    expect(text).not.toContain(headers["webhook-signature"]);
    expect(text).not.toContain("gone@example.com");
  });

  it.each([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
    ["blank", " \t\n                 "],
    ["short", "aha-whsec-short"],
    ["with a space before it", ` ${secret}`],
    ["with a line break after it", `${secret}\n`],
    ["an empty list", []],
    ["a list with an empty one", [secret, ""]],
    ["nine in number", Array.from({ length: 9 }, (_, index) => `${secret}${index}`)],
    ["a number", 1234567890123456],
    ["false", false],
  ])("refuses secrets at the start when %s", (_name, bad) => {
    for (const start of [
      () => createReceiver({ secret: bad as string, on: {} }),
      () => createVerifier({ secret: bad as string }),
      () => verify({ headers, body }, { secret: bad as string, now }),
    ]) {
      expect(start).toThrow(TypeError);
      expect(start).toThrow(/secret .*[:,] .*\.$/s);
    }
  });

  it("refuses a secret that is not base64 at the start with secretFormat base64", () => {
    expect(() => createReceiver({ secret, secretFormat: "base64", on: {} })).toThrow(/not base64/);
  });
});

describe("Ed25519 signatures", () => {
  const pair = generateKeyPairSync("ed25519");
  const raw = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const publicKey = `whpk_${raw.toString("base64")}`;
  const v1a = (body: string, id = "msg_1") =>
    `v1a,${signEd25519(null, Buffer.from(`${id}.${at}.${body}`), pair.privateKey).toString("base64")}`;
  const request = (signature: string, body = bounced) => ({
    headers: { "webhook-id": "msg_1", "webhook-timestamp": String(at), "webhook-signature": signature },
    body,
  });

  it("accepts an Ed25519 signature with the public key alone", () => {
    expect(verify(request(v1a(bounced)), { publicKey, now }).event.type).toBe("message.bounced");
  });

  it("accepts an Ed25519 signature beside a secret", () => {
    const { headers } = delivery();
    expect(verify(request(v1a(bounced)), { secret, publicKey, now }).event.type).toBe("message.bounced");
    expect(verify(request(headers["webhook-signature"]), { secret, publicKey, now }).event.type).toBe(
      "message.bounced",
    );
  });

  it.each([
    ["without the option", { secret, now }, v1a(bounced)],
    [
      "made with another key",
      { publicKey: `whpk_${Buffer.alloc(32, 7).toString("base64")}`, now },
      v1a(bounced),
    ],
    ["of another delivery", { publicKey, now }, v1a(bounced, "msg_2")],
    ["under the version v1", { publicKey, now }, v1a(bounced).replace("v1a", "v1")],
    ["behind two others", { publicKey, now }, `${v1a("x")} ${v1a("y")} ${v1a(bounced)}`],
    [
      "replaced by an HMAC with the public key",
      { publicKey, now },
      sign({ secret: publicKey, id: "msg_1", timestamp: at, body: bounced }),
    ],
  ])("refuses an Ed25519 signature %s", async (_name, options, signature) => {
    expect(() => verify(request(signature), options)).toThrow(
      expect.objectContaining({ code: "invalid_signature" }),
    );
    await expect(createVerifier(options).verify(request(signature))).rejects.toMatchObject({
      code: "invalid_signature",
    });
  });

  it("checks any number of Ed25519 signatures off the event loop", async () => {
    const keys = Array.from(
      { length: 7 },
      (_, index) => `whpk_${Buffer.alloc(32, index).toString("base64")}`,
    );
    const verifier = createVerifier({ publicKey: [...keys, publicKey], now });
    let turns = 0;
    const count = setInterval(() => (turns += 1), 0);
    const body = JSON.stringify({ type: "message.new", data: "x".repeat(3_000_000) });
    const verified = await verifier.verify(request(`${v1a("forged")} ${v1a(body)}`, body));
    clearInterval(count);
    expect(verified.event.type).toBe("message.new");
    expect(turns).toBeGreaterThan(8);
  });

  it.each(["", "whpk_", "whpk_AAAA", raw.toString("base64"), 7])(
    "refuses the public key %j at the start",
    (bad) => {
      expect(() => createReceiver({ publicKey: bad as string, on: {} })).toThrow(
        /publicKey is not an Ed25519 key/,
      );
    },
  );
});

describe("any delivery", () => {
  const secrets = fc.stringMatching(/^[!-~][ -~]{14,60}[!-~]$/);
  const ids = fc.stringMatching(/^[!-~]{1,255}$/);
  const bodies = fc.jsonValue({ maxDepth: 5 }).map((data) => JSON.stringify({ type: "message.new", data }));

  it("verifies a delivery as signed, and not with one byte changed anywhere", () => {
    fc.assert(
      fc.property(
        secrets,
        ids,
        bodies,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (key, id, body, where, mask) => {
          const headers = {
            "webhook-id": id,
            "webhook-timestamp": String(at),
            "webhook-signature": sign({ secret: key, id, timestamp: at, body }),
          };
          expect(verify({ headers, body }, { secret: key, now }).event.type).toBe("message.new");
          const changed = Buffer.from(body);
          changed[where % changed.length]! ^= mask;
          expect(() => verify({ headers, body: changed }, { secret: key, now })).toThrow(
            expect.objectContaining({ code: "invalid_signature" }),
          );
        },
      ),
    );
  });

  it("signs and checks like createHmac for any key, bytes and chunks", async () => {
    const keys = fc
      .string({ unit: "grapheme", minLength: 16, maxLength: 100 })
      .filter((key) => key.trim() === key);
    // Around 16 KB, where one way to make the HMAC ends and the other begins.
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 1000 }),
      fc.integer({ min: 15_000, max: 17_000 }).map((length) => new Uint8Array(length).fill(length)),
    );
    const cuts = fc.array(fc.nat(17_000), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(keys, ids, bytes, cuts, async (key, id, body, places) => {
        const hmac = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64");
        expect(sign({ secret: key, id, timestamp: at, body })).toBe(`v1,${hmac}`);

        const ends = [0, ...places.map((place) => place % (body.length + 1)), body.length].toSorted(
          (a, b) => a - b,
        );
        const chunks = ends.slice(1).map((end, index) => body.subarray(ends[index], end));
        const verifier = createVerifier({ secret: [`${key}-old`, key], now });
        const headers = (signature: string) => ({
          "webhook-id": id,
          "webhook-timestamp": String(at),
          "webhook-signature": `v1,${signature}`,
        });
        const codeFor = (signature: string) =>
          verifier.verify({ headers: headers(signature), body: Readable.from(chunks) }).then(
            () => "verified",
            (error: WebhookError) => error.code,
          );
        // Bytes that are no event come past the signature, but no further.
        expect(await codeFor(hmac)).toBe("invalid_payload");
        const other = createHmac("sha256", key)
          .update(`${id}.${at}.`)
          .update(body)
          .update(" ")
          .digest("base64");
        expect(await codeFor(other)).toBe("invalid_signature");
      }),
    );
  });

  it("survives any headers and body", async () => {
    // Not fc.string({ unit: "binary" }): it makes a table of all code points first.
    const unicode = fc
      .array(fc.integer({ min: 0, max: 0x10ffff }))
      .map((points) => String.fromCodePoint(...points));
    const headers = fc.dictionary(
      fc.constantFrom(
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "content-length",
        "content-encoding",
      ),
      fc.oneof(fc.string(), unicode, fc.constant(String(at)), fc.array(fc.string())),
    );
    const body = fc.oneof(fc.string(), fc.uint8Array(), fc.object(), fc.constantFrom(null, undefined, 0));
    await fc.assert(
      fc.asyncProperty(headers, body, async (strange, content) => {
        const receiver = createReceiver({
          secret,
          now,
          on: { "*": () => undefined },
          onOutcome: () => undefined,
        });
        const reply = await receiver.receive({ headers: strange, body: content });
        expect(reply.status).toBeGreaterThanOrEqual(400);
        expect(reply.body).toMatch(/^\{"code":"[a-z_]+"\}$/);
      }),
    );
  });
});

import { createHmac } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

import { isWebhookError, sign, verify } from "@ahasend-webhooks/core";
import { createEvent, serialize, signDelivery, vectors } from "@ahasend-webhooks/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type CapturedRequest, type DiagnoseOptions, diagnose } from "../src/index.js";
import { secret } from "./helpers.js";

const at = Date.parse("2026-07-14T15:03:21Z");
const now = () => at;
const event = createEvent("message.clicked", { data: { subject: "Grüße <&> — 50 %" } });
const { headers, body } = signDelivery({ secret, event, at, id: "msg_1" });

/** Returns the codes of the problems, or "verifies". */
function diagnoseCodes(capture: Partial<CapturedRequest>, options: Partial<DiagnoseOptions> = {}): string[] {
  const diagnosis = diagnose(
    { headers: Object.entries(headers), body, ...capture },
    { secret, now, ...options },
  );
  return diagnosis.verifies ? ["verifies"] : diagnosis.problems.map(({ code }) => code);
}

/** Returns the headers of the delivery with some changed; `undefined` removes one. */
function withHeaders(changes: Record<string, string | undefined>): [string, string][] {
  return Object.entries({ ...headers, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
}

/** Returns the headers of a delivery that is signed differently. */
const signHeaders = (parts: Partial<Parameters<typeof sign>[0]>) =>
  withHeaders({
    "webhook-signature": sign({ secret, id: "msg_1", timestamp: at / 1000, body, ...parts }),
  });

describe("diagnose of a request that verifies", () => {
  it("returns the secret, the id, the time and the type", () => {
    const other = "aha-whsec-another-one-0123456789";
    const diagnosis = diagnose(
      { headers: new Headers(headers), body: Buffer.from(body) },
      { secret: [other, secret], now },
    );
    expect(diagnosis).toEqual({
      verifies: true,
      secretIndex: 1,
      deliveryId: "msg_1",
      sentAt: new Date(at),
      type: "message.clicked",
    });
  });

  it.each(vectors)("accepts every signed delivery of the contract: $name", (vector) => {
    const signed = {
      "webhook-id": vector.webhook_id_header,
      "webhook-timestamp": vector.webhook_timestamp,
      "webhook-signature": vector.webhook_signature,
    };
    const now = () => Number(vector.webhook_timestamp) * 1000;
    const capture = { headers: Object.entries(signed), body: vector.body };
    expect(diagnoseCodes(capture, { secret: vector.secret, now })).toEqual(["verifies"]);
  });

  it("throws a TypeError without a secret", () => {
    expect(() => diagnoseCodes({}, { secret: [] })).toThrow(TypeError);
  });
});

describe("diagnose of headers", () => {
  it.each([
    ["missing", { "webhook-id": undefined }, "missing_header"],
    ["of Svix", { "webhook-id": undefined, "svix-id": "msg_1" }, "missing_header"],
    ["empty", { "webhook-timestamp": "" }, "missing_header"],
    ["with a space in the id", { "webhook-id": "msg 1" }, "malformed_id"],
    ["in milliseconds", { "webhook-timestamp": String(at) }, "malformed_timestamp"],
    ["as a date", { "webhook-timestamp": "2026-07-14T15:03:21Z" }, "malformed_timestamp"],
    ["without v1", { "webhook-signature": `v1a,${"A".repeat(86)}==` }, "malformed_signature"],
    ["with a flood of entries", { "webhook-signature": "v1,x ".repeat(17) }, "malformed_signature"],
    ["of a compressed body", { "content-encoding": "gzip" }, "body_compressed"],
  ])("names headers %s", (_what, changes, code) => {
    expect(diagnoseCodes({ headers: withHeaders(changes) })).toContain(code);
  });

  it("names the other name of a missing header", () => {
    const diagnosis = diagnose(
      { headers: withHeaders({ "webhook-id": undefined, HTTP_WEBHOOK_ID: "msg_1" }), body },
      { secret, now },
    );
    expect(JSON.stringify(diagnosis)).toContain("http_webhook_id is present");
  });

  it("names a repeated header", () => {
    const twice: [string, string][] = [...withHeaders({}), ["Webhook-Id", "msg_2"]];
    expect(diagnoseCodes({ headers: twice })).toContain("repeated_header");
  });
});

describe("diagnose of the age", () => {
  it("names only the age of an old request with a valid signature", () => {
    const diagnosis = diagnose(
      { headers: Object.entries(headers), body },
      { secret, now: () => at + 11_520_000 },
    );
    expect(diagnosis).toMatchObject({ verifies: false, code: "stale_timestamp" });
    expect(diagnosis).toHaveProperty("problems.length", 1);
    expect(diagnosis).toHaveProperty("problems.0.message", expect.stringContaining("3 h 12 min ago"));
  });

  it.each([
    [300_000, "verifies"],
    [300_001, "stale_timestamp"],
    [-300_000, "verifies"],
    [-300_001, "future_timestamp"],
  ])("is exact to the millisecond: %i ms", (ms, code) => {
    expect(diagnoseCodes({}, { now: () => at + ms })).toEqual([code]);
  });

  it("respects toleranceSeconds", () => {
    expect(diagnoseCodes({}, { now: () => at + 600_000, toleranceSeconds: 600 })).toEqual(["verifies"]);
  });
});

describe("diagnose of the secret", () => {
  const raw = "dGhpcyBpcyBhIHRlc3Qgc2VjcmV0IQ==";
  it.each([
    ["with a line break", `${secret}\r\n`, {}, ["secret_padded"]],
    ["with quotation marks", `"${secret}"`, {}, ["secret_quoted"]],
    ["with both", ` '${secret}'\n`, {}, ["secret_padded", "secret_quoted"]],
    ["without its prefix", secret.slice("aha-whsec-".length), {}, ["secret_prefix_missing"]],
    [
      "that the sender has decoded",
      `whsec_${raw}`,
      { secret: raw, secretFormat: "base64" },
      ["secret_base64_decoded"],
    ],
    ["whose prefix the sender stripped", `aha-rsec-${raw}`, { secret: raw }, ["secret_prefix_stripped"]],
    ["of another endpoint", "aha-whsec-another-one-0123456789", {}, ["no_match"]],
    ["that is too short for a receiver", "short", {}, ["no_match"]],
  ] as const)("names a secret %s", (_what, given, parts, codes) => {
    expect(diagnoseCodes({ headers: signHeaders(parts) }, { secret: given })).toEqual(codes);
  });

  it("names a secret that matches, but that no receiver accepts", () => {
    const digest = "v1,u5T0G1K2veOCVbV9S5QboD4rq85pPkKZcd3AmOivTf4=";
    const capture = { headers: withHeaders({ "webhook-signature": digest }), body: "{}" };
    // HMAC-SHA256 with the key "short" over "msg_1.1784041401.{}", by OpenSSL.
    expect(diagnoseCodes(capture, { secret: "short" })).toEqual(["secret_unusable"]);
  });
});

/** The ways in which a signed body is altered, and the codes that name them. */
const changes: Record<string, { code: string; change: (body: string) => string | Uint8Array }> = {
  "re-serialized": { code: "body_rewritten", change: (body) => JSON.stringify(JSON.parse(body)) },
  "pretty-printed": { code: "body_rewritten", change: (body) => JSON.stringify(JSON.parse(body), null, 2) },
  "with a byte order mark": { code: "body_with_bom", change: (body) => `\ufeff${body}` },
  "with a final line break": { code: "body_line_break_added", change: (body) => `${body}\r\n` },
  "read as Latin-1": { code: "body_latin1", change: (body) => Buffer.from(body).toString("latin1") },
  "saved as UTF-16": { code: "body_utf16", change: (body) => Buffer.from(`\ufeff${body}`, "utf16le") },
  "in base64": { code: "body_base64", change: (body) => Buffer.from(body).toString("base64") },
  "stringified twice": { code: "body_stringified_twice", change: (body) => JSON.stringify(body) },
  gzipped: { code: "body_compressed", change: gzipSync },
  deflated: { code: "body_compressed", change: deflateSync },
  "brotli-compressed": { code: "body_compressed", change: brotliCompressSync },
};

describe("diagnose of the body", () => {
  it.each(Object.entries(changes))("names a body that was altered: %s", (_what, { code, change }) => {
    expect(diagnoseCodes({ body: change(body) })).toEqual([code]);
  });

  it.each([
    ["that was signed as JSON.stringify writes it", JSON.stringify(event), body, "body_unescaped"],
    ["that was signed with a line break", `${body}\n`, body, "body_line_break_lost"],
    ["whose LF became CRLF", "{\n}", "{\r\n}", "body_line_ends"],
    ["whose CRLF became LF", "{\r\n }", "{\n }", "body_line_ends"],
  ])("names a body %s", (_what, signedBody, arrived, code) => {
    expect(diagnoseCodes({ headers: signHeaders({ body: signedBody }), body: arrived })).toEqual([code]);
  });

  it.each([
    ["that is empty", "", {}, "body_empty"],
    ["that was parsed", "[object Object]", {}, "body_parsed"],
    ["that is incomplete", body.slice(0, 300), { "content-length": String(body.length) }, "body_incomplete"],
    ["that was tampered with", body.replace("ada@", "eve@"), {}, "no_match"],
  ])("names a body %s", (_what, arrived, changed, code) => {
    expect(diagnoseCodes({ headers: withHeaders(changed), body: arrived })).toEqual([code]);
  });

  it("names a signed body that is not an event", () => {
    expect(diagnoseCodes({ headers: signHeaders({ body: "[]" }), body: "[]" })).toEqual(["body_invalid"]);
  });

  it("does not search a body that is larger than maxBodyBytes, and reports it", () => {
    const wrong = `${body}\n`;
    const bytes = Buffer.byteLength(wrong);
    expect(diagnoseCodes({ body: wrong }, { maxBodyBytes: bytes })).toEqual(["body_line_break_added"]);
    expect(diagnoseCodes({ body: wrong }, { maxBodyBytes: bytes - 1 })).toEqual(["body_not_searched"]);
  });

  it("finds a single alteration of a body that is larger than 1 MB", () => {
    const large = serialize(createEvent("message.routing", { data: { html_body: "<p>".repeat(100_000) } }));
    const headers = signHeaders({ body: large });
    expect(large.length).toBeGreaterThan(1_000_000);
    expect(diagnoseCodes({ headers, body: `${large}\n` })).toEqual(["body_line_break_added"]);
    expect(diagnoseCodes({ headers, body: JSON.stringify(JSON.parse(large)) })).toEqual(["body_rewritten"]);
  });
});

describe("diagnose of the signed content", () => {
  const seconds = String(at / 1000);
  it.each([
    ["with id and timestamp swapped", `${seconds}.msg_1.${body}`, "id_and_timestamp_swapped"],
    ["without the id, as Stripe does", `${seconds}.${body}`, "id_not_signed"],
    ["without the timestamp", `msg_1.${body}`, "timestamp_not_signed"],
    ["as the body alone, as GitHub does", body, "timestamp_not_signed"],
  ])("names content that was signed %s", (_what, content, code) => {
    const digest = createHmac("sha256", secret).update(content).digest("base64");
    expect(diagnoseCodes({ headers: withHeaders({ "webhook-signature": `v1,${digest}` }) })).toEqual([code]);
  });

  it("names a header in milliseconds whose seconds were signed", () => {
    const [, , , signature] = withHeaders({}).map(([, value]) => value);
    expect(
      diagnoseCodes({
        headers: withHeaders({ "webhook-timestamp": String(at), "webhook-signature": signature }),
      }),
    ).toEqual(["malformed_timestamp"]);
  });

  it.each([
    ["in hexadecimal", (digest: Buffer) => digest.toString("hex")],
    ["in hexadecimal as GitHub's", (digest: Buffer) => `sha256=${digest.toString("hex")}`],
    ["without its version", (digest: Buffer) => digest.toString("base64")],
    ["as another version", (digest: Buffer) => `v2,${digest.toString("base64")}`],
    ["in base64url", (digest: Buffer) => `v1,${digest.toString("base64url")}`],
    ["in a list with commas", (digest: Buffer) => `v1,AAAA, v1,${digest.toString("base64")}`],
  ])("names a valid signature that is written %s", (_what, write) => {
    const digest = Buffer.from(headers["webhook-signature"].slice("v1,".length), "base64");
    const codes = diagnoseCodes({ headers: withHeaders({ "webhook-signature": write(digest) }) });
    expect(codes.every((code) => code === "malformed_signature" || code === "verifies")).toBe(true);
  });
});

/** Bodies as AhaSend writes them, of any content. */
const bodies = fc
  .record({
    type: fc.string({ minLength: 1 }),
    data: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme" })),
  })
  .map((event) => serialize(event));
const secrets = fc.stringMatching(/^aha-(whsec|rsec)-[A-Za-z0-9_-]{16,40}$/);

describe("diagnose of arbitrary requests", () => {
  it("agrees with core on whether they verify, and names a problem if not", () => {
    const mutations = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => `${text} `,
      (text) => text.slice(1),
      () => "",
      (text) => text.toUpperCase(),
    );
    const name = fc.constantFrom("webhook-id", "webhook-timestamp", "webhook-signature", "body", "x-other");
    const run = fc.property(
      bodies,
      secrets,
      name,
      mutations,
      fc.integer({ min: -400, max: 400 }),
      (...given) => {
        const [sent, secret, name, mutate, ageSeconds] = given;
        const delivery = signDelivery({ secret, event: sent, at });
        const parts = new Map<string, string>(Object.entries({ ...delivery.headers, body: sent }));
        parts.set(name, mutate(parts.get(name) ?? ""));
        const { body = "", ...headers } = Object.fromEntries(parts);
        const options = { secret, now: () => at + ageSeconds * 1000 };
        const diagnosis = diagnose({ headers: Object.entries(headers), body }, options);
        expect(diagnosis.verifies ? "verifies" : diagnosis.code).toBe(coreSays({ headers, body }, options));
        if (!diagnosis.verifies) expect(diagnosis.problems.length).toBeGreaterThan(0);
      },
    );
    fc.assert(run);
  });

  it("never throws", () => {
    const headers = fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom("webhook-id", "webhook-timestamp", "Webhook-Signature"), fc.string()),
        fc.oneof(fc.string(), fc.constantFrom("msg_1", "1784041401", `v1,${"A".repeat(43)}=`)),
      ),
    );
    const run = fc.property(headers, fc.uint8Array(), fc.array(fc.string(), { minLength: 1 }), (...given) => {
      const [headers, body, secret] = given;
      const diagnosis = diagnose({ headers, body }, { secret, now });
      expect(diagnosis).toMatchObject({ verifies: false, problems: expect.any(Array) as unknown });
      expect(diagnosis.verifies || diagnosis.problems.length > 0).toBe(true);
    });
    fc.assert(run);
  });

  it("finds one alteration of the secret together with one of the body", () => {
    const secretChanges = { secret_padded: "\n", secret_quoted: '"' };
    const change = fc.constantFrom(...Object.values(changes));
    const secretChange = fc.constantFrom(...(Object.keys(secretChanges) as (keyof typeof secretChanges)[]));
    const run = fc.property(
      bodies,
      secrets,
      change,
      secretChange,
      (body, secret, bodyChange, secretChange) => {
        const { headers } = signDelivery({ secret, event: body, at });
        const mark = secretChanges[secretChange];
        const arrived = bodyChange.change(body);
        const diagnosis = diagnose(
          { headers: Object.entries(headers), body: Buffer.concat([Buffer.from(arrived)]) },
          { secret: mark + secret + mark, now },
        );
        const codes = diagnosis.verifies ? [] : diagnosis.problems.map(({ code }) => code);
        expect(codes).toContain(secretChange);
        // An alteration without an effect, such as reading ASCII as Latin-1, is not named.
        if (Buffer.from(arrived).equals(Buffer.from(body))) expect(codes).toEqual([secretChange]);
        else expect(codes).toHaveLength(2);
      },
    );
    fc.assert(run);
  });
});

function coreSays(
  request: { headers: Record<string, string>; body: string },
  options: { secret: string; now: () => number },
): string {
  try {
    verify(request, options);
    return "verifies";
  } catch (error) {
    if (isWebhookError(error)) return error.code;
    throw error;
  }
}

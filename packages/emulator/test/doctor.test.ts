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

/** The codes of what is found, or "verifies". */
function found(capture: Partial<CapturedRequest>, options: Partial<DiagnoseOptions> = {}): string[] {
  const diagnosis = diagnose(
    { headers: Object.entries(headers), body, ...capture },
    { secret, now, ...options },
  );
  return diagnosis.verifies ? ["verifies"] : diagnosis.problems.map(({ code }) => code);
}

/** The headers of the delivery with some changed; `undefined` leaves one out. */
function withHeaders(changes: Record<string, string | undefined>): [string, string][] {
  return Object.entries({ ...headers, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
}

/** The headers of a delivery whose signature is another's than AhaSend's. */
const signed = (parts: Partial<Parameters<typeof sign>[0]>) =>
  withHeaders({
    "webhook-signature": sign({ secret, id: "msg_1", timestamp: at / 1000, body, ...parts }),
  });

describe("a request that verifies", () => {
  it("is told apart by its secret, its id, its time and its type", () => {
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

  it.each(vectors)("is every signed example of the contract: $name", (vector) => {
    const signed = {
      "webhook-id": vector.webhook_id_header,
      "webhook-timestamp": vector.webhook_timestamp,
      "webhook-signature": vector.webhook_signature,
    };
    const now = () => Number(vector.webhook_timestamp) * 1000;
    const capture = { headers: Object.entries(signed), body: vector.body };
    expect(found(capture, { secret: vector.secret, now })).toEqual(["verifies"]);
  });

  it("needs a secret", () => {
    expect(() => found({}, { secret: [] })).toThrow(TypeError);
  });
});

describe("headers", () => {
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
  ])("%s are named", (_what, changes, code) => {
    expect(found({ headers: withHeaders(changes) })).toContain(code);
  });

  it("that came under another name are named with it", () => {
    const diagnosis = diagnose(
      { headers: withHeaders({ "webhook-id": undefined, HTTP_WEBHOOK_ID: "msg_1" }), body },
      { secret, now },
    );
    expect(JSON.stringify(diagnosis)).toContain("http_webhook_id came");
  });

  it("that are there twice are named", () => {
    const twice: [string, string][] = [...withHeaders({}), ["Webhook-Id", "msg_2"]];
    expect(found({ headers: twice })).toContain("repeated_header");
  });
});

describe("the age", () => {
  it("is told when it is too old, and the signature is known to be right", () => {
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
  ])("is judged to the millisecond: %i ms", (ms, code) => {
    expect(found({}, { now: () => at + ms })).toEqual([code]);
  });

  it("follows the tolerance", () => {
    expect(found({}, { now: () => at + 600_000, toleranceSeconds: 600 })).toEqual(["verifies"]);
  });
});

describe("the secret", () => {
  const raw = "dGhpcyBpcyBhIHRlc3Qgc2VjcmV0IQ==";
  it.each([
    ["with a line break", `${secret}\r\n`, {}, ["secret_padded"]],
    ["with quotation marks", `"${secret}"`, {}, ["secret_quoted"]],
    ["with both", ` '${secret}'\n`, {}, ["secret_padded", "secret_quoted"]],
    ["without its beginning", secret.slice("aha-whsec-".length), {}, ["secret_prefix_missing"]],
    [
      "that the sender has decoded",
      `whsec_${raw}`,
      { secret: raw, secretFormat: "base64" },
      ["secret_base64_decoded"],
    ],
    ["that the sender has cut", `aha-rsec-${raw}`, { secret: raw }, ["secret_prefix_stripped"]],
    ["of something else", "aha-whsec-another-one-0123456789", {}, ["no_match"]],
    ["that is too short for a receiver", "short", {}, ["no_match"]],
  ] as const)("%s is named", (_what, given, parts, codes) => {
    expect(found({ headers: signed(parts) }, { secret: given })).toEqual(codes);
  });

  it("that matches as it is, but that no receiver takes, is named", () => {
    const digest = "v1,u5T0G1K2veOCVbV9S5QboD4rq85pPkKZcd3AmOivTf4=";
    const capture = { headers: withHeaders({ "webhook-signature": digest }), body: "{}" };
    // HMAC-SHA256 with the key "short" over "msg_1.1784041401.{}", by OpenSSL.
    expect(found(capture, { secret: "short" })).toEqual(["secret_unusable"]);
  });
});

/** Each way in which a body is changed, the code that names it, and how it is done to a body that was signed. */
const changes: Record<string, { code: string; change: (body: string) => string | Uint8Array }> = {
  "re-serialised": { code: "body_rewritten", change: (body) => JSON.stringify(JSON.parse(body)) },
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

describe("the body", () => {
  it.each(Object.entries(changes))("%s is named", (_what, { code, change }) => {
    expect(found({ body: change(body) })).toEqual([code]);
  });

  it.each([
    ["that was signed as JSON.stringify writes it", JSON.stringify(event), body, "body_unescaped"],
    ["that was signed with a line break", `${body}\n`, body, "body_line_break_lost"],
    ["whose LF became CRLF", "{\n}", "{\r\n}", "body_line_ends"],
    ["whose CRLF became LF", "{\r\n }", "{\n }", "body_line_ends"],
  ])("%s is named", (_what, signedBody, arrived, code) => {
    expect(found({ headers: signed({ body: signedBody }), body: arrived })).toEqual([code]);
  });

  it.each([
    ["that is empty", "", {}, "body_empty"],
    ["that was parsed", "[object Object]", {}, "body_parsed"],
    ["whose end is lost", body.slice(0, 300), { "content-length": String(body.length) }, "body_incomplete"],
    ["that somebody has changed", body.replace("ada@", "eve@"), {}, "no_match"],
  ])("%s is named", (_what, arrived, changed, code) => {
    expect(found({ headers: withHeaders(changed), body: arrived })).toEqual([code]);
  });

  it("that is signed, but no event, is named", () => {
    expect(found({ headers: signed({ body: "[]" }), body: "[]" })).toEqual(["body_invalid"]);
  });

  it("does not search a body that is larger than maxBodyBytes, and says so", () => {
    const wrong = `${body}\n`;
    const bytes = Buffer.byteLength(wrong);
    expect(found({ body: wrong }, { maxBodyBytes: bytes })).toEqual(["body_line_break_added"]);
    expect(found({ body: wrong }, { maxBodyBytes: bytes - 1 })).toEqual(["body_not_searched"]);
  });

  it("of 2 MB is searched for one change", () => {
    const large = serialize(createEvent("message.routing", { data: { html_body: "<p>".repeat(300_000) } }));
    const headers = signed({ body: large });
    expect(large.length).toBeGreaterThan(2_000_000);
    expect(found({ headers, body: `${large}\n` })).toEqual(["body_line_break_added"]);
    expect(found({ headers, body: JSON.stringify(JSON.parse(large)) })).toEqual(["body_rewritten"]);
  });
});

describe("what was signed", () => {
  const seconds = String(at / 1000);
  it.each([
    ["with id and timestamp swapped", `${seconds}.msg_1.${body}`, "id_and_timestamp_swapped"],
    ["without the id, as Stripe does", `${seconds}.${body}`, "id_not_signed"],
    ["without the timestamp", `msg_1.${body}`, "timestamp_not_signed"],
    ["as the body alone, as GitHub does", body, "timestamp_not_signed"],
  ])("%s is named", (_what, content, code) => {
    const digest = createHmac("sha256", secret).update(content).digest("base64");
    expect(found({ headers: withHeaders({ "webhook-signature": `v1,${digest}` }) })).toEqual([code]);
  });

  it("in seconds with a header in milliseconds is named", () => {
    const [, , , signature] = withHeaders({}).map(([, value]) => value);
    expect(
      found({ headers: withHeaders({ "webhook-timestamp": String(at), "webhook-signature": signature }) }),
    ).toEqual(["malformed_timestamp"]);
  });

  it.each([
    ["in hexadecimal", (digest: Buffer) => digest.toString("hex")],
    ["in hexadecimal as GitHub's", (digest: Buffer) => `sha256=${digest.toString("hex")}`],
    ["without its version", (digest: Buffer) => digest.toString("base64")],
    ["as another version", (digest: Buffer) => `v2,${digest.toString("base64")}`],
    ["in base64url", (digest: Buffer) => `v1,${digest.toString("base64url")}`],
    ["in a list with commas", (digest: Buffer) => `v1,AAAA, v1,${digest.toString("base64")}`],
  ])("and written %s is named", (_what, write) => {
    const digest = Buffer.from(headers["webhook-signature"].slice("v1,".length), "base64");
    const codes = found({ headers: withHeaders({ "webhook-signature": write(digest) }) });
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

describe("whatever comes", () => {
  it("agrees with core about whether it verifies, and names a problem if not", () => {
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

  it("is told without an exception", () => {
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

  it("is given back as it was signed: one change of the secret and two of the body", () => {
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
        // What changes nothing about this body, such as to read plain ASCII as Latin-1, is not named.
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

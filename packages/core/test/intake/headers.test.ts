import { Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import { type WebhookRequest, createReceiver, sign, verify } from "../../src/index.js";
import { at, bounced, codeOf, delivery, now, recording, secret } from "../helpers.js";

const options = { secret, now };

describe("odd timestamps", () => {
  it.each([
    ["a leading space", ` ${at}`],
    ["a trailing space", `${at} `],
    ["a plus sign", `+${at}`],
    ["a minus sign", `-${at}`],
    ["a leading zero", `0${at}`],
    ["a fraction", `${at}.0`],
    ["an exponent", "1784041401e0"],
    ["hexadecimal", "0x6a565a79"],
    ["NaN", "NaN"],
    ["Infinity", "Infinity"],
    ["30 digits", "178404140100000000000000000000"],
    ["milliseconds with a fraction", "1784041401000.5"],
    ["Arabic digits", "١٧٨٤٠٤١٤٠١"],
    ["full-width digits", "１７８４０４１４０１"],
    ["a line break", `${at}\n`],
    ["underscores", "1_784_041_401"],
    ["too few digits", "178404140"],
  ])("refuses the timestamp %s, correctly signed", (_name, timestamp) => {
    const request = delivery(bounced, "msg_1", timestamp);
    expect(() => verify(request, options)).toThrow(
      expect.objectContaining({ code: "invalid_header", status: 400 }),
    );
  });

  it.each([
    [-300, "accepts"],
    [300, "accepts"],
    [-301, "refuses"],
    [301, "refuses"],
  ])("judges a timestamp at %i s from now: %s", (offset, verdict) => {
    const attempt = () => verify(delivery(bounced, "msg_1", at + offset), options);
    if (verdict === "accepts") expect(attempt().event.type).toBe("message.bounced");
    else expect(attempt).toThrow(expect.objectContaining({ code: "stale_timestamp", status: 401 }));
  });

  it("refuses a timestamp in milliseconds", () => {
    const attempt = () => verify(delivery(bounced, "msg_1", 178404140100), options);
    expect(attempt).toThrow(expect.objectContaining({ code: "stale_timestamp" }));
  });

  it.each([Number.NaN, undefined])("refuses every delivery if the clock returns %s", (time) => {
    const clock = () => time as number;
    const attempt = () => verify(delivery(), { secret, now: clock });
    expect(attempt).toThrow(expect.objectContaining({ code: "stale_timestamp" }));
  });

  it("applies toleranceSeconds", () => {
    const request = delivery(bounced, "msg_1", at - 900);
    expect(verify(request, { ...options, toleranceSeconds: 901 }).context.sentAt.getTime()).toBe(
      (at - 900) * 1000,
    );
  });
});

describe("delivery ids", () => {
  it.each([
    ["a UUID", "0198a6c5-7d52-7a0e-8f4e-0d9a3b6b1c11"],
    ["dots", "msg.with.dots"],
    ["255 characters", "x".repeat(255)],
  ])("accepts %s", (_name, id) => {
    expect(verify(delivery(bounced, id), options).context.deliveryId).toBe(id);
  });

  it.each([
    ["256 characters", "x".repeat(256)],
    ["a space", "msg 1"],
    ["a tab", "msg\t1"],
    ["a line break", "msg\n1"],
    ["a letter outside ASCII", "msg_ü"],
    ["two joined ids", "msg_1, msg_1"],
  ])("refuses %s", (_name, id) => {
    expect(() => verify(delivery(bounced, id), options)).toThrow(
      expect.objectContaining({ code: "invalid_header" }),
    );
  });
});

describe("signature entries", () => {
  const genuine = delivery().headers["webhook-signature"];
  const foreign = sign({ secret: `${secret}-retired`, id: "msg_1", timestamp: at, body: bounced });
  const withSignature = (signature: string) => () => {
    const request = delivery();
    return verify({ ...request, headers: { ...request.headers, "webhook-signature": signature } }, options);
  };

  it.each([
    ["after a foreign one", `${foreign} ${genuine}`],
    ["before a foreign one", `${genuine} ${foreign}`],
    ["among other versions", `v1a,AAAA v2,${genuine.slice(3)} ${genuine} v3,x`],
    ["among malformed ones", `v1 , v1, garbage ${genuine}`],
    ["the last of 16", `${`${foreign} `.repeat(15)}${genuine}`],
    ["with double spaces", `${foreign}  ${genuine}`],
  ])("accepts the genuine signature entry %s", (_name, signature) => {
    expect(withSignature(signature)().event.type).toBe("message.bounced");
  });

  it.each([
    ["20 entries", `${`${foreign} `.repeat(19)}${genuine}`],
    ["17 entries", `${genuine}${` ${foreign}`.repeat(16)}`],
    ["more than 4 KB", `${genuine} v9,${"x".repeat(4096)}`],
  ])("refuses %s, the genuine signature entry included", (_name, signature) => {
    expect(withSignature(signature)).toThrow(
      expect.objectContaining({ code: "invalid_header", status: 400 }),
    );
  });

  it.each([
    ["no version", genuine.slice(3)],
    ["another version", genuine.replace("v1,", "v2,")],
    ["upper case", genuine.replace("v1,", "V1,")],
    ["a missing comma", genuine.replace("v1,", "v1")],
    ["no padding", genuine.replace(/=$/, "")],
    ["double padding", `${genuine}=`],
    ["trailing junk", `${genuine}x`],
    ["a trailing comma", `${genuine},`],
    ["leading junk", `x${genuine}`],
    [
      "the URL-safe alphabet",
      genuine
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replace(/[A-Za-z]=$/, "_="),
    ],
    ["hexadecimal", `v1,${Buffer.from(genuine.slice(3), "base64").toString("hex")}`],
    ["spare bits set in the last character", `${genuine.slice(0, -2)}${nextInAlphabet(genuine.at(-2)!)}=`],
    ["a last character beyond ASCII", genuine.replace(/=$/, "\u00bd")],
    ["characters that end in the right byte", genuine.replace(/=$/, "\u013d")],
    ["an empty value", "v1,"],
  ])("refuses %s", (_name, signature) => {
    expect(withSignature(signature)).toThrow(
      expect.objectContaining({ code: "invalid_signature", status: 401 }),
    );
  });
});

describe("the shape of headers", () => {
  const { headers, body } = delivery();

  it.each<[string, WebhookRequest]>([
    ["a Fetch Headers", { headers: new Headers(headers), body }],
    [
      "names in any case",
      {
        headers: {
          "Webhook-Id": "msg_1",
          "WEBHOOK-TIMESTAMP": String(at),
          "Webhook-Signature": headers["webhook-signature"],
        },
        body,
      },
    ],
    [
      "arrays of one",
      { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])), body },
    ],
    ["Node's rawHeaders", { headers: {}, rawHeaders: Object.entries(headers).flat(), body }],
  ])("accepts %s", (_name, request) => {
    expect(verify(request, options).context.deliveryId).toBe("msg_1");
  });

  it.each<[string, WebhookRequest]>([
    ["an array of two", { headers: { ...headers, "webhook-id": ["msg_1", "msg_1"] }, body }],
    ["two cases of a name", { headers: { ...headers, "Webhook-Id": "msg_1" }, body }],
    [
      "a duplicate in rawHeaders",
      { headers, rawHeaders: [...Object.entries(headers).flat(), "Webhook-ID", "msg_1"], body },
    ],
    ["a duplicate that Node joined", { headers: { ...headers, "webhook-timestamp": `${at}, ${at}` }, body }],
  ])("refuses %s", (_name, request) => {
    expect(() => verify(request, options)).toThrow(expect.objectContaining({ code: "invalid_header" }));
  });

  it.each(Object.keys(headers))("refuses a delivery without %s", (name) => {
    for (const value of [undefined, "", []]) {
      const request = { headers: { ...headers, [name]: value }, body };
      expect(() => verify(request, options)).toThrow(expect.objectContaining({ code: "missing_header" }));
    }
  });

  it("does not mistake a header named get for a Fetch Headers", () => {
    expect(verify({ headers: { ...headers, get: "x" }, body }, options).context.deliveryId).toBe("msg_1");
  });
});

describe("early refusal", () => {
  const { headers } = delivery();
  it.each([
    ["missing", { headers: {} }, "missing_header"],
    ["malformed", { headers: { ...headers, "webhook-timestamp": "soon" } }, "invalid_header"],
    ["stale", { headers: delivery(bounced, "msg_1", at - 301).headers }, "stale_timestamp"],
    ["another method", { headers, method: "PUT" }, "method_not_allowed"],
    ["compressed", { headers: { ...headers, "content-encoding": "gzip" } }, "unsupported_encoding"],
    ["declared too large", { headers: { ...headers, "content-length": "30000001" } }, "body_too_large"],
  ])("refuses %s before a byte of the body is read", async (_name, request, code) => {
    let pulled = false;
    const body = new Readable({
      read() {
        pulled = true;
        this.push(null);
      },
    });
    const { options: receiving, outcomes } = recording({ "*": () => undefined });
    const reply = await createReceiver(receiving).receive({ ...request, body });
    expect(codeOf(reply)).toBe(code);
    expect(pulled).toBe(false);
    expect(outcomes).toMatchObject([{ kind: "refused", code, status: reply.status }]);
    const known = ["stale_timestamp", "unsupported_encoding", "body_too_large"].includes(code);
    expect(outcomes[0]!.deliveryId).toBe(known ? "msg_1" : undefined);
  });

  it("replies with the allowed method", async () => {
    const reply = await createReceiver({ secret, on: {} }).receive({ method: "GET", headers: {}, body: "" });
    expect(reply).toMatchObject({ status: 405, headers: { allow: "POST" } });
  });

  it.each(["identity", "Identity", ""])("accepts %j as no content encoding", (encoding) => {
    const request = { headers: { ...headers, "content-encoding": encoding }, body: bounced };
    expect(verify(request, options).event.type).toBe("message.bounced");
  });
});

/** The next character of the base64 alphabet: it differs in the lowest bit or two, which 32 bytes leave unused. */
function nextInAlphabet(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return alphabet[alphabet.indexOf(character) + 1]!;
}

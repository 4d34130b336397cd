import { adapters } from "@ahasend-webhooks/harness/workspace";
import { describe, expect, it } from "vitest";

import { findFault } from "../src/find-fault.js";
import { generate } from "../src/noise/generate.js";
import { parseOptions } from "../src/options.js";
import { ReplyReader } from "../src/reply-reader.js";
import type { Script } from "../src/script.js";
import { targetNames } from "../src/servers/index.js";
import { shrink } from "../src/shrink.js";

describe("generate", () => {
  it("generates the same script for the same seed", () => {
    expect(generate(7)).toEqual(generate(7));
    expect(generate(7)).not.toEqual(generate(8));
  });
});

describe("shrink", () => {
  const fails = async ({ conversations }: Script) => JSON.stringify(conversations).includes("bad");

  it("keeps only the step that makes a script fail", async () => {
    const { conversations } = generate(3);
    const bad = { send: "bad" };
    const wild = { manner: "wild", genuine: {}, steps: [{ send: "a" }, { do: "turn" }, bad, { do: "end" }] };
    const script = { conversations: [...conversations, wild] } as Script;
    expect(await shrink(script, fails)).toEqual({ conversations: [{ ...wild, steps: [bad] }] });
  });

  it("keeps every byte of an orderly conversation", async () => {
    const orderly = { manner: "orderly", genuine: {}, steps: [{ send: "a" }, { send: "bad" }] };
    const { conversations } = await shrink({ conversations: [orderly] } as Script, fails);
    expect(conversations).toEqual([{ ...orderly, steps: [{ send: "abad" }] }]);
  });
});

describe("ReplyReader", () => {
  const read = (text: string) => {
    const reader = new ReplyReader();
    for (const byte of Buffer.from(text, "latin1")) reader.add(Buffer.of(byte));
    reader.end();
    return { statuses: reader.replies.map(({ status }) => status), malformed: reader.malformed };
  };

  it.each([
    ["HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", [204, 400]],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", [404]],
    ["HTTP/1.1 405 No\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", [405, 204]],
    [
      "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\nHTTP/1.1 204 Yes\r\n\r\n",
      [404, 204],
    ],
  ])("reads every reply in %j", (text, statuses) => {
    expect(read(text)).toEqual({ statuses, malformed: undefined });
  });

  it.each([
    "garbage",
    "HTTP/1.1 204 No Content\r\n\r\nno",
    "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\nno",
  ])("reports bytes that are not a reply in %j", (text) => {
    expect(read(text).malformed).toBeDefined();
  });
});

describe("findFault", () => {
  const retryAfter = { "retry-after": "1" };

  it.each([
    { status: 204, headers: {}, body: "" },
    { status: 401, headers: {}, body: '{"code":"invalid_signature"}' },
    { status: 503, headers: retryAfter, body: '{"code":"overloaded"}' },
    { status: 404, headers: {}, body: "Not Found" },
  ])("accepts the documented reply $status $body", (reply) => {
    expect(findFault(reply)).toBeUndefined();
  });

  it.each([
    { status: 200, headers: {}, body: "" },
    { status: 204, headers: {}, body: "no" },
    { status: 400, headers: {}, body: '{"code":"invalid_signature"}' },
    { status: 401, headers: {}, body: "" },
    { status: 401, headers: {}, body: '{"code":"no_such_code"}' },
    { status: 405, headers: {}, body: '{"code":"method_not_allowed"}' },
    { status: 500, headers: {}, body: "Internal Server Error" },
    { status: 503, headers: {}, body: '{"code":"overloaded"}' },
  ])("reports the undocumented reply $status $body", (reply) => {
    expect(findFault(reply)).toBeDefined();
  });
});

describe("parseOptions", () => {
  it.each([
    ["--only", "hapi"],
    ["--seconds", "0"],
    ["--seconds", "long"],
    ["--seed", "1.5"],
    ["--sed", "1"],
  ])("refuses the options %s %s", (...args) => {
    expect(() => parseOptions(args)).toThrow(/--/);
  });

  it("selects all servers and a random seed by default", () => {
    const { targets, seed, seconds } = parseOptions([]);
    expect(targets).toHaveLength(7);
    expect(seed).not.toBe(parseOptions([]).seed);
    expect(seconds).toBe(60);
  });
});

it.each(adapters)("has a server for the adapter %s", (adapter) => {
  expect(targetNames.some((name) => name === adapter || name.startsWith(`${adapter}-`))).toBe(true);
});

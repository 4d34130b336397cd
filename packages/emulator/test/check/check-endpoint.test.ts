import type { RequestListener } from "node:http";

import { describe, expect, it } from "vitest";

import { type CheckOptions, type CheckReport, checkEndpoint, checkRules } from "../../src/index.js";
import { closedPort, neverAnswer, noting, secret, serve } from "../helpers.js";
import { handmade } from "./receivers/handmade.js";

async function check(receiver: RequestListener, options: Partial<CheckOptions> = {}): Promise<CheckReport> {
  const url = await serve(receiver);
  return checkEndpoint({ url, secret, attemptTimeoutSeconds: 20, stallSeconds: 0.1, ...options });
}

/** The verdict of each check by its name. */
const verdictsOf = ({ results }: CheckReport) =>
  Object.fromEntries(results.map(({ name, verdict }) => [name, verdict]));

const quick: Partial<CheckOptions> = { only: ["forged", "time", "effects"] };

describe("what is checked", () => {
  it("is all of it, each with a name of its own, a source and a cure, after what it rests on", () => {
    const names = checkRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [index, rule] of checkRules.entries()) {
      expect(rule.name).toMatch(/^[a-z]+\/[a-z0-9._-]+$/);
      expect(rule.cure).toMatch(/\w{3}.*[.]$/);
      for (const text of [rule.rule, rule.sent, rule.expected, rule.source]) expect(text).not.toBe("");
      if (rule.restsOn !== undefined) expect(names.slice(0, index)).toContain(rule.restsOn);
    }
  });

  it("can be chosen by name and by group; what it rests on is checked as well", async () => {
    const report = await check(handmade(secret), {
      only: ["bodies/named-sender", "signatures"],
      skip: ["signatures/opaque-ids"],
    });
    expect(verdictsOf(report)).toEqual({
      "reach/genuine": "passed",
      "bodies/escapes": "passed",
      "bodies/named-sender": "passed",
      "signatures/rotated-secret": "passed",
      "signatures/other-versions": "passed",
    });
    expect(report.ok).toBe(true);
  });

  it.each([{ only: ["forgery"] }, { skip: ["forged/nothing"] }])(
    "is not what does not exist: %j",
    async (options) => {
      await expect(checkEndpoint({ url: "http://localhost", secret, ...options })).rejects.toThrow(
        /which is no check: use a group \(reach, types, bodies, /,
      );
    },
  );
});

describe("a check says nothing", () => {
  it("when nothing listens", async () => {
    const report = await checkEndpoint({ url: await closedPort(), secret });
    const [first, ...others] = report.results;
    expect(first).toMatchObject({
      verdict: "failed",
      came: expect.stringContaining("ECONNREFUSED") as string,
      cure: expect.stringMatching(/^Start the receiver/) as string,
    });
    expect(others).toHaveLength(checkRules.length - 1);
    expect(new Set(others.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
  });

  it("about refusals when everything is refused", async () => {
    const { url, arrived } = await noting(401);
    const report = await checkEndpoint({ url, secret, ...quick });
    expect(report.counts).toMatchObject({ passed: 0, failed: 1, warned: 0 });
    expect(report.results[0]).toMatchObject({
      name: "reach/genuine",
      verdict: "failed",
      came: "401",
      cure: expect.stringMatching(/^Compare the secret/) as string,
    });
    expect(report.results[1]).toMatchObject({
      verdict: "unknown",
      came: "not judged as long as “acknowledges a genuine delivery” does not hold",
    });
    expect(arrived.length).toBeGreaterThan(1);
  });

  it("about effects without a place to see them", async () => {
    const report = await check(handmade(secret), { only: ["effects"] });
    expect(report).toMatchObject({ ok: true, counts: { passed: 1, unknown: 5 } });
    for (const { came } of report.results.slice(1)) expect(came).toMatch(/^not observable from outside: /);
  });

  it("about effects that do not show", async () => {
    const receive = handmade(secret);
    let reads = 0;
    const url = await serve((request, response) => {
      if (request.url === "/stats") response.end(JSON.stringify({ reads: (reads += 1), name: "desk" }));
      else receive(request, response);
    });
    const report = await checkEndpoint({
      url,
      secret,
      effects: new URL("/stats", url).href,
      only: ["effects"],
    });
    expect(report).toMatchObject({ ok: true, counts: { passed: 1, unknown: 5 } });
    for (const { came } of report.results.slice(1))
      expect(came).toMatch(/^not observable: nothing in the JSON/);
  });

  it("about when the work is done if it is queued", async () => {
    const url = await serve(
      handmade(secret, { order: (work, answer) => (answer(), void setTimeout(work, 50)) }),
    );
    const effects = new URL("/stats", url).href;
    const report = await checkEndpoint({ url, secret, effects, queued: true, only: ["effects"] });
    expect(verdictsOf(report)).toMatchObject({
      "effects/before-answer": "unknown",
      "effects/once": "passed",
    });
    expect(report.ok).toBe(true);
  });

  it("when the time is over, and then all is not well", async () => {
    const { url } = await noting(neverAnswer);
    const report = await checkEndpoint({ url, secret, timeLimitSeconds: 0.2 });
    expect(report).toMatchObject({ ok: false, complete: false, results: [{ verdict: "unknown" }] });
  });

  it("when it is ended from outside", async () => {
    const controller = new AbortController();
    const report = await check(handmade(secret), {
      ...quick,
      signal: controller.signal,
      onResult: ({ name }) => void (name === "forged/other-id" && controller.abort()),
    });
    const verdicts = verdictsOf(report);
    expect(verdicts).toMatchObject({ "forged/other-id": "passed" });
    expect(verdicts).not.toHaveProperty("forged/other-timestamp");
    expect(report).toMatchObject({ ok: false, complete: false });
  });
});

describe("a warning", () => {
  it("is what AhaSend does not mind, and all is well then", async () => {
    const lax = (entry: string, right: string) =>
      entry.startsWith("v1,") && Buffer.from(entry.slice(3), "base64").equals(Buffer.from(right, "base64"));
    const report = await check(handmade(secret, { matches: lax }), quick);
    expect(report.results.filter(({ verdict }) => verdict === "warned").map(({ name }) => name)).toEqual([
      "forged/url-safe-base64",
      "forged/unpadded-base64",
    ]);
    expect(report.ok).toBe(true);
  });

  it("comes of a refusal by another status than 4xx", async () => {
    const receive = handmade(secret);
    const report = await check(
      (request, response) => {
        if (request.headers["webhook-id"] === undefined) response.writeHead(500).end();
        else receive(request, response);
      },
      { only: ["forged/no-webhook-id"] },
    );
    expect(report.results[1]).toMatchObject({
      verdict: "warned",
      came: "500",
      cure: expect.stringContaining("answer 400 or 401") as string,
    });
  });

  it("comes of an answer that takes more than half of its time", async () => {
    const order = (work: () => void, answer: () => void) => void setTimeout(() => (work(), answer()), 2200);
    const only = ["answers/in-time"];
    const report = await check(handmade(secret, { order }), { attemptTimeoutSeconds: 4, only });
    expect(report.results[1]).toMatchObject({
      verdict: "warned",
      cure: expect.stringContaining("durable queue") as string,
    });
  });

  it("comes of a redirect that keeps the event", async () => {
    const receive = handmade(secret);
    const report = await check(
      (request, response) => {
        if (request.url?.endsWith("/") === true) receive(request, response);
        else response.writeHead(308, { location: `${request.url}/` }).end();
      },
      { only: ["forged", "answers/no-redirect"] },
    );
    expect(report.ok).toBe(true);
    expect(report.results.filter(({ verdict }) => verdict !== "passed")).toMatchObject([
      {
        name: "answers/no-redirect",
        verdict: "warned",
        came: expect.stringMatching(/^308 to http.*\/, then 204$/) as string,
      },
    ]);
  });
});

it.each([
  ['{"error":"refused at 2026-07-14T15:03:21Z"}', "passed"],
  ["Error: no\n    at verify (/app/src/verify.js:12:34)", "failed"],
  ["<pre>Error: no<br> &nbsp; &nbsp;at file:///app/dist/main.mjs:1:2</pre>", "failed"],
  ["Error: no\n    at node:internal/main/run_main_module:28:49", "failed"],
  ['File "/app/receiver.py", line 3, in verify', "failed"],
])("knows a stack trace when it sees one: %j", async (told, verdict) => {
  const report = await check(handmade(secret, { tell: () => told }), { only: ["answers/opaque"] });
  expect(report.results[1]).toMatchObject({ name: "answers/opaque", verdict });
});

it("says so when effects cannot be read", async () => {
  const report = await check(handmade(secret), { effects: await closedPort(), only: ["effects"] });
  expect(verdictsOf(report)).toMatchObject({ "effects/visible": "failed", "effects/once": "unknown" });
});

it("shows nothing of an answer that a terminal would obey", async () => {
  const { url } = await noting((_request, response) =>
    response.writeHead(500).end("\u001b[2J\u202egone\n\n!"),
  );
  const report = await checkEndpoint({ url, secret, only: ["reach"] });
  expect(report.results[0]?.came).toBe("500 [2J gone !");
});

describe("options", () => {
  const url = "http://localhost:3000/";
  it.each([
    [{ url: "localhost:3000" }, /^url is no URL of http or https: /],
    [{ url, effects: "/stats" }, /^effects is no URL/],
    [{ url, secret: "short" }, /^secret is shorter/],
    [{ url, attemptTimeoutSeconds: 0 }, /^attemptTimeoutSeconds is not/],
    [{ url, stallSeconds: NaN }, /^stallSeconds is not/],
    [{ url, timeLimitSeconds: Infinity }, /^timeLimitSeconds is not/],
    [{ url, allowRemote: 1 as unknown as boolean }, /^allowRemote is neither/],
  ])("are refused: %j", async (options, message) => {
    await expect(checkEndpoint({ secret, ...options })).rejects.toThrow(message);
  });

  it.each([{ url: "http://192.0.2.1/" }, { url, effects: "http://192.0.2.1/" }])(
    "leave this machine alone unless told otherwise: %j",
    async (options) => {
      await expect(checkEndpoint({ secret, ...options })).rejects.toMatchObject({ code: "remote_address" });
    },
  );
});

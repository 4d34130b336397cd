import type { RequestListener } from "node:http";

import { describe, expect, it } from "vitest";

import { type CheckOptions, type CheckReport, checkEndpoint, checkRules } from "../../src/index.js";
import { closedPort, neverReply, noting, secret, serve } from "../helpers.js";
import { listVerdicts } from "./check-receiver.js";
import { handmade } from "./receivers/handmade.js";

async function check(receiver: RequestListener, options: Partial<CheckOptions> = {}): Promise<CheckReport> {
  const url = await serve(receiver);
  return checkEndpoint({ url, secret, attemptTimeoutSeconds: 20, stallSeconds: 0.1, ...options });
}

const quick: Partial<CheckOptions> = { only: ["forged", "time", "effects"] };

describe("checkRules", () => {
  it("have unique names, a source and a fix, and come after the rule they rest on", () => {
    const names = checkRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [index, rule] of checkRules.entries()) {
      expect(rule.name).toMatch(/^[a-z]+\/[a-z0-9._-]+$/);
      expect(rule.fix).toMatch(/\w{3}.*[.]$/);
      for (const text of [rule.rule, rule.sent, rule.expected, rule.source]) expect(text).not.toBe("");
      if (rule.restsOn !== undefined) expect(names.slice(0, index)).toContain(rule.restsOn);
    }
  });
});

describe("the selection of checks", () => {
  it("takes names and groups, and includes the checks they rest on", async () => {
    const report = await check(handmade(secret), {
      only: ["bodies/named-sender", "signatures"],
      skip: ["signatures/opaque-ids"],
    });
    expect(listVerdicts(report)).toEqual({
      "reach/genuine": "passed",
      "bodies/escapes": "passed",
      "bodies/named-sender": "passed",
      "signatures/rotated-secret": "passed",
      "signatures/other-versions": "passed",
    });
    expect(report.ok).toBe(true);
  });

  it.each([
    [
      { only: ["teleportation"] },
      /^only: "teleportation" is not a check\. Use a group \(reach, types, bodies, /,
    ],
    [{ skip: ["forgd"] }, /^skip: "forgd" is not a check\. Did you mean forged\?$/],
  ])("rejects a name that does not exist: %j", async (options, message) => {
    await expect(checkEndpoint({ url: "http://localhost", secret, ...options })).rejects.toThrow(message);
  });
});

describe("a run is inconclusive", () => {
  it("about everything when nothing listens at the URL", async () => {
    const report = await checkEndpoint({ url: await closedPort(), secret });
    const [first, ...others] = report.results;
    expect(first).toMatchObject({
      verdict: "failed",
      observed: expect.stringContaining("ECONNREFUSED") as string,
      fix: expect.stringMatching(/^Start the receiver/) as string,
    });
    expect(others).toHaveLength(checkRules.length - 1);
    expect(new Set(others.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
  });

  it("about refusals when the receiver refuses everything", async () => {
    const { url, arrived } = await noting(401);
    const report = await checkEndpoint({ url, secret, ...quick });
    expect(report.counts).toMatchObject({ passed: 0, failed: 1, warned: 0 });
    expect(report.results[0]).toMatchObject({
      name: "reach/genuine",
      verdict: "failed",
      observed: "401",
      fix: expect.stringMatching(/^Compare the secret/) as string,
    });
    expect(report.results[1]).toMatchObject({
      verdict: "unknown",
      observed: "inconclusive until this holds: “acknowledges a genuine delivery”",
    });
    expect(arrived.length).toBeGreaterThan(1);
  });

  it("about effects without a URL that counts them", async () => {
    const report = await check(handmade(secret), { only: ["effects"] });
    expect(report).toMatchObject({ ok: true, counts: { passed: 1, unknown: 5 } });
    for (const { observed } of report.results.slice(1))
      expect(observed).toMatch(/^not observable from outside: /);
  });

  it("about effects that do not show in the counts", async () => {
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
      effectTimeoutSeconds: 0.2,
      only: ["effects"],
    });
    expect(report).toMatchObject({ ok: true, counts: { passed: 1, unknown: 5 } });
    for (const { observed } of report.results.slice(1))
      expect(observed).toMatch(/^not observable: no count in the JSON/);
  });

  it("about the order of work and reply if the work is queued", async () => {
    const url = await serve(
      handmade(secret, { order: (work, reply) => (reply(), void setTimeout(work, 50)) }),
    );
    const effects = new URL("/stats", url).href;
    const report = await checkEndpoint({ url, secret, effects, queued: true, only: ["effects"] });
    expect(listVerdicts(report)).toMatchObject({
      "effects/before-reply": "unknown",
      "effects/once": "passed",
    });
    expect(report.ok).toBe(true);
  });

  it("and not ok when it reaches its time limit", async () => {
    const { url } = await noting(neverReply);
    const report = await checkEndpoint({ url, secret, timeLimitSeconds: 0.2 });
    expect(report).toMatchObject({ ok: false, complete: false, results: [{ verdict: "unknown" }] });
  });

  it("and not ok when the signal ends it", async () => {
    const controller = new AbortController();
    const report = await check(handmade(secret), {
      ...quick,
      signal: controller.signal,
      onResult: ({ name }) => void (name === "forged/other-id" && controller.abort()),
    });
    const verdicts = listVerdicts(report);
    expect(verdicts).toMatchObject({ "forged/other-id": "passed" });
    expect(verdicts).not.toHaveProperty("forged/other-timestamp");
    expect(report).toMatchObject({ ok: false, complete: false });
  });
});

describe("checkEndpoint warns", () => {
  it("about what AhaSend does not mind, and the run is ok", async () => {
    const lax = (entry: string, right: string) =>
      entry.startsWith("v1,") && Buffer.from(entry.slice(3), "base64").equals(Buffer.from(right, "base64"));
    const report = await check(handmade(secret, { matches: lax }), quick);
    expect(report.results.filter(({ verdict }) => verdict === "warned").map(({ name }) => name)).toEqual([
      "forged/url-safe-base64",
      "forged/unpadded-base64",
    ]);
    expect(report.ok).toBe(true);
  });

  it("about a refusal with a status other than 4xx", async () => {
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
      observed: "500",
      fix: expect.stringContaining("Reply with 400 or 401") as string,
    });
  });

  it("about a reply that takes more than half of its time", async () => {
    const order = (work: () => void, reply: () => void) => void setTimeout(() => (work(), reply()), 1100);
    const only = ["replies/in-time"];
    const report = await check(handmade(secret, { order }), { attemptTimeoutSeconds: 2, only });
    expect(report.results[1]).toMatchObject({
      verdict: "warned",
      fix: expect.stringContaining("durable queue") as string,
    });
  });

  it("about a redirect that keeps the event", async () => {
    const receive = handmade(secret);
    const report = await check(
      (request, response) => {
        if (request.url?.endsWith("/") === true) receive(request, response);
        else response.writeHead(308, { location: `${request.url}/` }).end();
      },
      { only: ["forged", "replies/no-redirect"] },
    );
    expect(report.ok).toBe(true);
    expect(report.results.filter(({ verdict }) => verdict !== "passed")).toMatchObject([
      {
        name: "replies/no-redirect",
        verdict: "warned",
        observed: expect.stringMatching(/^308 to http.*\/, then 204$/) as string,
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
])("replies/opaque recognises a stack trace in a reply: %j", async (body, verdict) => {
  const report = await check(handmade(secret, { errorBody: () => body }), { only: ["replies/opaque"] });
  expect(report.results[1]).toMatchObject({ name: "replies/opaque", verdict });
});

it("effects/visible fails when the effects cannot be read", async () => {
  const report = await check(handmade(secret), { effects: await closedPort(), only: ["effects"] });
  expect(listVerdicts(report)).toMatchObject({ "effects/visible": "failed", "effects/once": "unknown" });
});

it("the observed reply contains no control characters that a terminal would obey", async () => {
  const { url } = await noting((_request, response) =>
    response.writeHead(500).end("\u001b[2J\u202egone\n\n!"),
  );
  const report = await checkEndpoint({ url, secret, only: ["reach"] });
  expect(report.results[0]?.observed).toBe("500 [2J gone !");
});

describe("the options of checkEndpoint", () => {
  const url = "http://localhost:3000/";
  it.each([
    [{ url: "localhost:3000" }, /^url must be an http or https URL/],
    [{ url, effects: "/stats" }, /^effects must be an http or https URL/],
    [{ url, secret: "short" }, /^secret /],
    [{ url, attemptTimeoutSeconds: 0 }, /^attemptTimeoutSeconds must be/],
    [{ url, effectTimeoutSeconds: -1 }, /^effectTimeoutSeconds must be/],
    [{ url, stallSeconds: NaN }, /^stallSeconds must be/],
    [{ url, timeLimitSeconds: Infinity }, /^timeLimitSeconds must be/],
    [{ url, queued: "yes" as unknown as boolean }, /^queued must be true or false/],
    [{ url, allowRemote: 1 as unknown as boolean }, /^allowRemote /],
  ])("are validated: %j", async (options, message) => {
    await expect(checkEndpoint({ secret, ...options })).rejects.toThrow(message);
  });

  it.each([{ url: "http://192.0.2.1/" }, { url, effects: "http://192.0.2.1/" }])(
    "keep requests on this machine unless allowRemote is set: %j",
    async (options) => {
      await expect(checkEndpoint({ secret, ...options })).rejects.toMatchObject({ code: "remote_address" });
    },
  );
});

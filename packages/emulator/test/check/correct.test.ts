import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { describe, expect, it } from "vitest";

import { checkRules } from "../../src/index.js";
import { secret } from "../helpers.js";
import { checkNames, checkReceiver, findResult } from "./check-receiver.js";
import { raw } from "./receivers/express.js";
import { handmade } from "./receivers/handmade.js";

describe("a correct receiver", { timeout: 90_000 }, () => {
  it("passes every check when it is core's", async () => {
    let worked = 0;
    const receive = nodeHandler(
      createReceiver({
        secret,
        on: { "*": () => void (worked += 1) },
        bodyTimeoutSeconds: 3,
        onOutcome: () => undefined,
      }),
    );
    const reported: string[] = [];
    const report = await checkReceiver(
      (request, response) => {
        if (request.url === "/stats") response.end(JSON.stringify({ worked }));
        else receive(request, response);
      },
      { stallSeconds: 20, onResult: ({ name }) => reported.push(name) },
    );
    expect(report.results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      complete: true,
      counts: { passed: checkRules.length, failed: 0 },
    });
    expect(reported).toEqual(checkRules.map(({ name }) => name));
  });

  it.each([
    ["node:http", handmade],
    ["Express", raw],
  ])("fails no check when it is written by hand on %s", async (_platform, receiver) => {
    const report = await checkReceiver(receiver(secret), {
      only: ["bodies", "forged", "time", "limits", "replies"],
    });
    expect(report.ok).toBe(true);
    // Node.js cuts off a stalled upload only after minutes, and a refusal may get lost when the connection is closed.
    expect(checkNames(report, "failed", "unknown")).toEqual([]);
    expect(findResult(report, "limits/stalled-upload")).toMatchObject({
      verdict: "warned",
      observed: "nothing within 0.1 s",
      fix: expect.stringContaining("requestTimeout") as string,
    });
  });
});

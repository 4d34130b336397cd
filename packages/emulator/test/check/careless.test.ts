import type { RequestListener } from "node:http";

import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { describe, expect, it, onTestFinished } from "vitest";

import {
  type CheckOptions,
  type CheckReport,
  type CheckVerdict,
  checkEndpoint,
  checkRules,
} from "../../src/index.js";
import { secret, serve } from "../helpers.js";
import { carelessReceivers } from "./receivers/careless.js";
import { raw } from "./receivers/express.js";
import { handmade } from "./receivers/handmade.js";

/** Checks a receiver that counts its work at /stats, without haste: the machine may be slow. */
async function check(
  receiver: RequestListener,
  options: Partial<CheckOptions> = {},
  whenOver = onTestFinished,
): Promise<CheckReport> {
  const url = await serve(receiver, whenOver);
  const effects = new URL("/stats", url).href;
  return checkEndpoint({ url, secret, effects, attemptTimeoutSeconds: 20, stallSeconds: 0.1, ...options });
}

/** The names of the checks that came out in one of these ways. */
function namesOf({ results }: CheckReport, ...verdicts: CheckVerdict[]): string[] {
  return results.filter(({ verdict }) => verdicts.includes(verdict)).map(({ name }) => name);
}

function resultOf({ results }: CheckReport, name: string) {
  return results.find((result) => result.name === name);
}

describe("a receiver that is as it should be", { timeout: 90_000 }, () => {
  it("passes everything when it is core's", async () => {
    let worked = 0;
    const receive = nodeHandler(
      createReceiver({
        secret,
        on: { "*": () => void (worked += 1) },
        bodyTimeoutSeconds: 3,
        onOutcome: () => undefined,
      }),
    );
    const told: string[] = [];
    const report = await check(
      (request, response) => {
        if (request.url === "/stats") response.end(JSON.stringify({ worked }));
        else receive(request, response);
      },
      { stallSeconds: 20, onResult: ({ name }) => told.push(name) },
    );
    expect(report.results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      complete: true,
      counts: { passed: checkRules.length, failed: 0 },
    });
    expect(told).toEqual(checkRules.map(({ name }) => name));
  });

  it.each([
    ["node:http", handmade],
    ["Express", raw],
  ])("passes what can be judged when it was written by hand on %s", async (_platform, receiver) => {
    const report = await check(receiver(secret), { only: ["bodies", "forged", "time", "limits", "answers"] });
    expect(report.ok).toBe(true);
    // Node cuts a stalled upload off after minutes, and a refusal may get lost when the connection is closed.
    expect(namesOf(report, "failed", "unknown")).toEqual([]);
    expect(resultOf(report, "limits/stalled-upload")).toMatchObject({
      verdict: "warned",
      came: "nothing within 0.1 s",
      cure: expect.stringContaining("requestTimeout") as string,
    });
  });
});

const LARGEST = ["limits/mail-of-29-mb", "limits/too-large-declared", "limits/too-large-chunked"];

describe("a receiver that", { timeout: 90_000 }, () => {
  // Side by side: most of the time they wait.
  it.concurrent.for(carelessReceivers)(
    "$fault is found out",
    async (careless, { expect, onTestFinished }) => {
      const { receiver, fails, cure, timeoutSeconds = 20 } = careless;
      // The largest bodies are left to those who have trouble with them: they take their time.
      const skip = fails.some((name) => LARGEST.includes(name)) ? [] : LARGEST;
      const options = { skip, attemptTimeoutSeconds: timeoutSeconds };
      const report = await check(receiver(secret), options, onTestFinished);
      expect(namesOf(report, "failed")).toEqual(fails);
      expect(resultOf(report, fails[0]!)?.cure).toMatch(cure);
      expect(report.ok).toBe(false);
    },
  );
});

import { it } from "vitest";

import { secret } from "../helpers.js";
import { checkNames, checkReceiver, findResult, skipLargestUnless } from "./check-receiver.js";
import { carelessVerifiers } from "./receivers/careless-verifiers.js";

// Concurrently: most of the time they wait.
it.concurrent.for(carelessVerifiers)(
  "fails a receiver that $fault, and names the fix",
  { timeout: 90_000 },
  async ({ receiver, fails, fix, timeoutSeconds = 20 }, { expect, onTestFinished }) => {
    const options = { skip: skipLargestUnless(fails), attemptTimeoutSeconds: timeoutSeconds };
    const report = await checkReceiver(receiver(secret), options, onTestFinished);
    expect(checkNames(report, "failed")).toEqual(fails);
    expect(findResult(report, fails[0]!)?.fix).toMatch(fix);
    expect(report.ok).toBe(false);
  },
);

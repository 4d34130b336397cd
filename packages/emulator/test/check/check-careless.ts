import type { ExpectStatic, onTestFinished } from "vitest";

import { secret } from "../helpers.js";
import { checkNames, checkReceiver, findResult } from "./check-receiver.js";
import type { Careless } from "./receivers/careless-receiver.js";

const LARGEST = ["limits/mail-of-29-mb", "limits/too-large-declared", "limits/too-large-chunked"];

/** Returns whether a careless receiver mishandles the largest bodies. Only then are they sent: they take long. */
export function failsLargest({ fails }: Careless): boolean {
  return fails.some((name) => LARGEST.includes(name));
}

/** Checks a careless receiver: exactly the expected checks must fail. */
export async function expectFailures(
  careless: Careless,
  { expect, onTestFinished: whenFinished }: { expect: ExpectStatic; onTestFinished: typeof onTestFinished },
): Promise<void> {
  const { receiver, fails, fix, timeoutSeconds = 60 } = careless;
  const options = { skip: failsLargest(careless) ? [] : LARGEST, attemptTimeoutSeconds: timeoutSeconds };
  const report = await checkReceiver(receiver(secret), options, whenFinished);
  expect(checkNames(report, "failed")).toEqual(fails);
  expect(findResult(report, fails[0]!)?.fix).toMatch(fix);
  expect(report.ok).toBe(false);
}

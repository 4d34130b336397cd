import type { RequestListener } from "node:http";

import { onTestFinished } from "vitest";

import {
  type CheckOptions,
  type CheckReport,
  type CheckResult,
  type CheckVerdict,
  checkEndpoint,
} from "../../src/index.js";
import { secret, serve } from "../helpers.js";

/**
 * Checks a receiver that counts its work at /stats. Time-outs are generous, because the machine may be busy; a stalled
 * upload is watched only briefly.
 */
export async function checkReceiver(
  receiver: RequestListener,
  options: Partial<CheckOptions> = {},
  whenFinished = onTestFinished,
): Promise<CheckReport> {
  const url = await serve(receiver, whenFinished);
  const effects = new URL("/stats", url).href;
  return checkEndpoint({ url, secret, effects, attemptTimeoutSeconds: 20, stallSeconds: 0.1, ...options });
}

/** Returns the names of the checks with one of these verdicts. */
export function checkNames({ results }: CheckReport, ...verdicts: CheckVerdict[]): string[] {
  return results.filter(({ verdict }) => verdicts.includes(verdict)).map(({ name }) => name);
}

/** Returns the result of a check. */
export function findResult({ results }: CheckReport, name: string): CheckResult | undefined {
  return results.find((result) => result.name === name);
}

/** Returns the verdict of each check by its name. */
export function listVerdicts({ results }: CheckReport): Record<string, CheckVerdict> {
  return Object.fromEntries(results.map(({ name, verdict }) => [name, verdict]));
}

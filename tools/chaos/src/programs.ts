import { dirname, join } from "node:path";

import type { ReceiverProgram } from "./receivers.js";
import type { Scenario, TestReceiver } from "./scenarios/scenario.js";

/**
 * Returns the programs of the processes of a scenario: receivers, and workers.
 *
 * @param path the built test receiver; its worker is beside it
 */
export function toPrograms(scenario: Scenario, { path, env }: ReceiverProgram): ReceiverProgram[] {
  const { receiver, storage, receivers = 3, workers = 0 } = scenario;
  // One process has the SQLite file.
  const count = storage === "SQLite" ? 1 : receivers;
  if (!isTestReceiver(receiver)) {
    return Array.from({ length: count }, () => ({ path: receiver.path, env: { ...env, ...receiver.env } }));
  }
  const own = { ...env, ...toSettings(scenario, receiver) };
  const one = { path, env: { ...own, ...(workers > 0 && { WORK: "no" }) } };
  const worker = { path: join(dirname(path), "worker.js"), env: own };
  return [...Array.from({ length: count }, () => one), ...Array.from({ length: workers }, () => worker)];
}

/** Returns whether the receiver is not an example app. */
export function isTestReceiver(receiver: Scenario["receiver"]): receiver is TestReceiver {
  return "engine" in receiver;
}

/** Returns whether the test receiver has an inbox. */
export function hasInbox(receiver: Scenario["receiver"]): boolean {
  return isTestReceiver(receiver) && receiver.engine.endsWith("Inbox");
}

function toSettings(
  { isOrdered, planted }: Scenario,
  { engine, settings }: TestReceiver,
): Record<string, string> {
  return {
    ENGINE: engine,
    ...settings,
    ...(isOrdered && { ORDERED: "yes" }),
    ...(planted && { BUG: planted.bug }),
  };
}

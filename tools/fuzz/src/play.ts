import { setTimeout as sleep } from "node:timers/promises";

import { type Exchange, converse } from "./converse.js";
import { createProbes } from "./noise/generate.js";
import { type Promised, type Violation, judge } from "./judge.js";
import type { Conversation, Script } from "./script.js";
import { Crash, type Target } from "./target.js";

/** A genuine delivery may be refused for this long after the noise has ended. */
const PATIENCE_MS = 2000;

/** Promises that an overloaded machine can break as well: they count only if they are broken twice. */
const timingPromises = new Set<Promised>([
  "hang",
  "honest refused",
  "reply lost",
  "refused after noise",
  "memory budget",
  "slow close",
]);

/** Plays a script on a server and returns the promises that it broke. */
export async function play(target: Target, script: Script): Promise<Violation[]> {
  const violations = await playOnce(target, script);
  if (!violations.some(({ promise }) => timingPromises.has(promise))) return violations;
  const again = new Set((await playOnce(target, script)).map(({ promise }) => promise));
  return violations.filter(({ promise }) => !timingPromises.has(promise) || again.has(promise));
}

async function playOnce(target: Target, script: Script): Promise<Violation[]> {
  try {
    const port = await target.open(script);
    const exchanges = await Promise.all(script.conversations.map((one) => converse(port, one)));
    const { small, large } = createProbes();
    const smallProbe = await deliver(target, port, small);
    const largeProbe = await deliver(target, port, large);
    const report = await target.close();
    for (const [id] of [small, large].flatMap(({ genuine }) => Object.entries(genuine)))
      delete report.runs[id];
    return judge({ script, exchanges, report: { ...report, smallProbe, largeProbe } });
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return [{ promise: "crash", detail: error.message.trim() }];
  }
}

/** Delivers as AhaSend does: retries until the delivery is accepted. @returns `204`, or the last reply before giving up */
async function deliver(target: Target, port: number, conversation: Conversation): Promise<string> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = describeExchange(await converse(port, conversation));
    if (seen === "204" || !target.isUp || performance.now() > giveUpAt) return seen;
    await sleep(100);
  }
}

function describeExchange({ replies: [reply], hangs }: Exchange): string {
  if (reply === undefined) return hangs ? "no reply in time" : "closed without a reply";
  return `${reply.status} ${reply.body}`.trim();
}

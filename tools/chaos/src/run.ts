import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { apps } from "@ahasend-webhooks/demo/apps";
import { seededRandom } from "@ahasend-webhooks/emulator";
import { type TestServer, startPostgres, startRedis } from "@ahasend-webhooks/harness";

import { type World, faults } from "./faults.js";
import { readLedger } from "./ledger.js";
import { judge } from "./oracle.js";
import { startProxy } from "./proxy.js";

import { type ReceiverProgram, Receivers } from "./receivers.js";
import type { Scenario } from "./scenario.js";
import { Sender } from "./sender.js";

const PROCESSES = 3;

/** What came of a scenario. */
export interface Report {
  scenario: Scenario;
  /** What must not be. Empty is good, except where a bug is planted. */
  violations: string[];
  deliveries: number;
  /** How many effects there were beyond one for each delivery. */
  repeated: number;
  kills: number;
  replies: ReadonlyMap<number, number>;
  /** Of attempts that were acknowledged, in milliseconds. */
  p99Ms: number;
  seconds: number;
}

/** Whether a scenario came out as it must: without a violation, or with the planted bug found. */
export function holds({ scenario: { planted }, violations }: Report): boolean {
  if (planted === undefined) return violations.length === 0;
  return violations.some((violation) => violation.includes(planted.finding));
}

/**
 * Plays a scenario with servers, receivers and a sender of its own.
 *
 * @param seed decides what goes wrong when
 * @param path the built receiver to torment
 */
export async function play(scenario: Scenario, { seed, path }: PlayOptions): Promise<Report> {
  const cleanUps: (() => Promise<unknown>)[] = [];
  try {
    return await playWith(scenario, { seed, path }, (cleanUp) => cleanUps.unshift(cleanUp));
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

interface PlayOptions {
  seed: number;
  path: string;
}

async function playWith(
  scenario: Scenario,
  { seed, path }: PlayOptions,
  onEnd: (cleanUp: () => Promise<unknown>) => void,
): Promise<Report> {
  const startedAt = performance.now();
  const random = seededRandom(seed);
  const secret = `aha-whsec-${randomBytes(24).toString("base64url")}`;
  const dataDir = await mkdtemp(join(tmpdir(), "ahasend-webhooks-chaos-"));
  onEnd(() => rm(dataDir, { recursive: true, force: true }));

  const cut: World["cut"] = { replies: 0, serverReplies: 0 };
  const server = await (scenario.storage === "PostgreSQL" ? startPostgres() : startRedis());
  onEnd(() => server.stop());
  const toServer = await startProxy({ ports: () => [server.port], cuts: () => random() < cut.serverReplies });
  onEnd(() => toServer.close());

  const env = {
    ...storageOf(scenario, server, toServer.port),
    PORT: "0",
    AHASEND_WEBHOOK_SECRET: secret,
    DATA_DIR: dataDir,
  };
  const receivers = await Receivers.start(PROCESSES, programOf(scenario, { path, env }));
  onEnd(() => receivers.stop());
  const toReceivers = await startProxy({ ports: () => receivers.ports, cuts: () => random() < cut.replies });
  onEnd(() => toReceivers.close());
  const sender = new Sender({ port: toReceivers.port, secret, random });
  onEnd(() => sender.close());

  const load = new AbortController();
  const world: World = { receivers, server, cut, random, over: load.signal };
  const troubles = scenario.faults.map((name) => faults[name].run(world));
  await sender.send(scenario);
  load.abort();
  await Promise.all(troubles);
  // What a bug has lost stays lost; the rest of it need not be waited for.
  if (scenario.planted === undefined) await sender.settle();
  await receivers.stop();

  const { sent, replies, repliesToForged, p99Ms } = sender;
  const { complaints, kills } = receivers;
  const ledger = await readLedger(dataDir, scenario.storage === "PostgreSQL" ? server.url : undefined);
  const effects = [...ledger.values()].reduce((sum, count) => sum + count, 0);
  return {
    scenario,
    violations: judge(scenario, { sent, ledger, replies, repliesToForged, complaints }),
    deliveries: sent.length,
    repeated: effects - ledger.size,
    kills,
    replies,
    p99Ms,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function programOf({ receiver, planted }: Scenario, { path, env }: ReceiverProgram): ReceiverProgram {
  if (typeof receiver === "object")
    return { path, env: { ...env, ...receiver.settings, ...(planted && { BUG: planted.bug }) } };
  const app = apps.find(({ name }) => name === receiver);
  if (app === undefined) throw new Error(`There is no example app ${receiver}.`);
  return { path: app.path, env: { ...env, ...app.env } };
}

function storageOf({ storage }: Scenario, server: TestServer, port: number): Record<string, string> {
  const url = new URL(server.url);
  url.port = String(port);
  return { [storage === "PostgreSQL" ? "DATABASE_URL" : "REDIS_URL"]: url.href };
}

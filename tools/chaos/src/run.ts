import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { seededRandom } from "@ahasend-webhooks/emulator";
import { type TestServer, startPostgres, startRedis } from "@ahasend-webhooks/harness";

import { type World, faults } from "./faults.js";
import { type Ledger, readLedger } from "./ledger.js";
import { type Sent, findViolations } from "./oracle.js";
import { startProxy } from "./proxy.js";
import { type ReceiverProgram, Receivers } from "./receivers.js";
import type { Scenario } from "./scenario.js";
import { Sender } from "./sender.js";

const PROCESSES = { PostgreSQL: 3, Redis: 3, SQLite: 1 } as const;

/** Result of a scenario. */
export interface Report {
  scenario: Scenario;
  /** Broken guarantees. Must be empty, unless a bug is planted. */
  violations: string[];
  deliveries: number;
  /** Number of effects beyond one for each delivery. */
  repeated: number;
  kills: number;
  replies: ReadonlyMap<number, number>;
  /** Latency of acknowledged attempts, in milliseconds. */
  p99Ms: number;
  seconds: number;
}

/** Returns whether a scenario passes: without a violation, or with its planted bug found. */
export function passes({ scenario: { planted }, violations }: Report): boolean {
  if (planted === undefined) return violations.length === 0;
  return violations.some((violation) => violation.includes(planted.finding));
}

/**
 * Plays a scenario with new servers, receivers and a new sender.
 *
 * @param seed of the random numbers that time the faults
 * @param path the built test receiver
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
  const server = await startServer(scenario);
  if (server !== undefined) onEnd(() => server.stop());
  const toServer =
    server && (await startProxy({ ports: () => [server.port], cuts: () => random() < cut.serverReplies }));
  if (toServer !== undefined) onEnd(() => toServer.close());

  const env = {
    ...(server && toServer && toStorageSettings(scenario, server, toServer.port)),
    PORT: "0",
    AHASEND_WEBHOOK_SECRET: secret,
    DATA_DIR: dataDir,
  };
  const receivers = await Receivers.start(PROCESSES[scenario.storage], toProgram(scenario, { path, env }));
  onEnd(() => receivers.stop());
  const toReceivers = await startProxy({ ports: () => receivers.ports, cuts: () => random() < cut.replies });
  onEnd(() => toReceivers.close());
  const sender = new Sender({ port: toReceivers.port, secret, random });
  onEnd(() => sender.close());

  const load = new AbortController();
  const world: World = { receivers, server, cut, random, loadEnded: load.signal };
  const running = scenario.faults.map((name) => faults[name].run(world));
  await sender.send(scenario);
  load.abort();
  await Promise.all(running);
  // A delivery that a planted bug has lost stays lost: there is nothing to wait for.
  if (scenario.planted === undefined) await sender.settle();
  const readEffects = () => readLedger(dataDir, scenario.storage === "PostgreSQL" ? server?.url : undefined);
  if (scenario.planted === undefined) await waitForBacklog(sender.sent, readEffects);
  await receivers.stop();

  const { sent, replies, repliesToForged, p99Ms } = sender;
  const { complaints, kills } = receivers;
  const ledger = await readEffects();
  const effects = [...ledger.values()].reduce((sum, count) => sum + count, 0);
  return {
    scenario,
    violations: findViolations(scenario, { sent, ledger, replies, repliesToForged, complaints }),
    deliveries: sent.length,
    repeated: effects - ledger.size,
    kills,
    replies,
    p99Ms,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function toProgram({ receiver, planted }: Scenario, { path, env }: ReceiverProgram): ReceiverProgram {
  if ("settings" in receiver)
    return { path, env: { ...env, ...receiver.settings, ...(planted && { BUG: planted.bug }) } };
  return { path: receiver.path, env: { ...env, ...receiver.env } };
}

function startServer({ storage }: Scenario): Promise<TestServer> | undefined {
  if (storage === "PostgreSQL") return startPostgres();
  return storage === "Redis" ? startRedis() : undefined;
}

const BACKLOG_MS = 30_000;
const BACKLOG_PAUSE_MS = 50;

/** Waits until everything that was acknowledged has been handled, but not forever: what is lost never will be. */
async function waitForBacklog(sent: readonly Sent[], readEffects: () => Promise<Ledger>): Promise<void> {
  const giveUpAt = performance.now() + BACKLOG_MS;
  for (;;) {
    const effects = await readEffects();
    if (sent.every(({ id, acknowledged }) => !acknowledged || effects.has(id))) return;
    if (performance.now() > giveUpAt) return;
    await sleep(BACKLOG_PAUSE_MS);
  }
}

function toStorageSettings({ storage }: Scenario, server: TestServer, port: number): Record<string, string> {
  const url = new URL(server.url);
  url.port = String(port);
  return { [storage === "PostgreSQL" ? "DATABASE_URL" : "REDIS_URL"]: url.href };
}

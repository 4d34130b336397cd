import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { seededRandom } from "@ahasend-webhooks/emulator";
import { type TestServer, startMysql, startPostgres, startRedis } from "@ahasend-webhooks/harness";

import { mountSmallDisk } from "./disk.js";
import { type World, faults } from "./faults.js";
import { drainInbox } from "./inbox-state.js";
import { type Ledger, readLedger } from "./ledger.js";
import { type Evidence, type Reply, findViolations } from "./oracle/oracle.js";
import type { Sent } from "./oracle/sent.js";
import { hasInbox, isTestReceiver, toPrograms } from "./programs.js";
import { startProxy } from "./proxy.js";
import { readEffects } from "./read-effects.js";
import { Receivers } from "./receivers.js";
import type { Scenario } from "./scenarios/scenario.js";
import { Sender } from "./sender.js";

/** Result of a scenario. */
export interface Report {
  scenario: Scenario;
  /** Broken guarantees. Must be empty, unless a bug is planted. */
  violations: string[];
  deliveries: number;
  effects: number;
  deadLetters: number;
  /** Number of effects beyond one for each delivery. */
  repeated: number;
  kills: number;
  replies: ReadonlyMap<Reply, number>;
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
  // Only the fault needs it: every statement of every receiver goes through this process then.
  const toServer =
    server && scenario.faults.includes("lost server replies")
      ? await startProxy({ ports: () => [server.port], cuts: () => random() < cut.serverReplies })
      : undefined;
  if (toServer !== undefined) onEnd(() => toServer.close());

  const disk = scenario.faults.includes("full disk") ? await mountSmallDisk() : undefined;
  if (disk !== undefined) onEnd(() => disk.close());
  const env = {
    ...(server && toStorageSettings(scenario, server, (toServer ?? server).port)),
    ...(disk && { DATABASE_DIR: disk.folder }),
    PORT: "0",
    AHASEND_WEBHOOK_SECRET: secret,
    DATA_DIR: dataDir,
  };
  const receivers = await Receivers.start(toPrograms(scenario, { path, env }));
  onEnd(() => receivers.stop());
  const toReceivers = await startProxy({ ports: () => receivers.ports, cuts: () => random() < cut.replies });
  onEnd(() => toReceivers.close());
  const sender = new Sender({ port: toReceivers.port, secret, random });
  onEnd(() => sender.close());

  const [ended, allSent] = [new AbortController(), new AbortController()];
  const world: World = { receivers, server, disk, cut, random, ended: ended.signal, allSent: allSent.signal };
  const running = scenario.faults.map((name) => faults[name].run(world));
  const timer = setTimeout(() => ended.abort(), scenario.seconds * 1000);
  await sender.send(scenario);
  clearTimeout(timer);
  ended.abort();
  allSent.abort();
  await Promise.all(running);
  // A delivery that a planted bug has lost stays lost: there is nothing to wait for.
  if (scenario.planted === undefined) await sender.settle();
  const databaseUrl = scenario.storage === "Redis" ? undefined : server?.url;
  const inbox = hasInbox(scenario.receiver) ? await drainInbox(() => receivers.ports) : undefined;
  if (!isTestReceiver(scenario.receiver))
    await waitForBacklog(sender.sent, () => readLedger(dataDir, databaseUrl));
  await receivers.stop();

  const { sent, replies, repliesToForged, p99Ms } = sender;
  const { kills } = receivers;
  const { ledger, effects } = await readWork(scenario, dataDir, databaseUrl);
  const { deadLetters = [], stats: { waiting, active } = { waiting: 0, active: 0 } } = inbox ?? {};
  const left = waiting + active;
  const complaints = [
    ...receivers.complaints,
    ...(left === 0 ? [] : [`${left} deliveries are still in the inbox.`]),
  ];
  const count = [...ledger.values()].reduce((sum, ofDelivery) => sum + ofDelivery, 0);
  const evidence = { sent, ledger, effects, deadLetters, replies, repliesToForged, complaints };
  return {
    scenario,
    violations: findViolations(scenario, evidence),
    deliveries: sent.length,
    effects: count,
    deadLetters: deadLetters.length,
    repeated: count - ledger.size,
    kills,
    replies,
    p99Ms,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** Reads the effects of an app or of the test receiver; only those of the latter have times. */
async function readWork(
  { receiver }: Scenario,
  dataDir: string,
  databaseUrl: string | undefined,
): Promise<Pick<Evidence, "effects" | "ledger">> {
  if (!isTestReceiver(receiver)) return { effects: [], ledger: await readLedger(dataDir, databaseUrl) };
  const effects = await readEffects(dataDir, databaseUrl);
  const ledger = new Map<string, number>();
  for (const { deliveryId } of effects) ledger.set(deliveryId, (ledger.get(deliveryId) ?? 0) + 1);
  return { effects, ledger };
}

function startServer({ storage }: Scenario): Promise<TestServer> | undefined {
  const start = {
    PostgreSQL: startPostgres,
    MySQL: startMysql,
    Redis: startRedis,
    SQLite: undefined,
  };
  return start[storage]?.();
}

const BACKLOG_MS = 30_000;
const BACKLOG_PAUSE_MS = 50;

/** Waits until everything that was acknowledged has been handled, but not forever: what is lost never will be. */
async function waitForBacklog(sent: readonly Sent[], read: () => Promise<Ledger>): Promise<void> {
  const giveUpAt = performance.now() + BACKLOG_MS;
  for (;;) {
    const effects = await read();
    if (sent.every(({ id, acknowledged }) => !acknowledged || effects.has(id))) return;
    if (performance.now() > giveUpAt) return;
    await sleep(BACKLOG_PAUSE_MS);
  }
}

function toStorageSettings({ storage }: Scenario, server: TestServer, port: number): Record<string, string> {
  const url = new URL(server.url);
  url.port = String(port);
  return { [storage === "Redis" ? "REDIS_URL" : "DATABASE_URL"]: url.href };
}

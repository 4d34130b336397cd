import { Child } from "../child.js";
import type { Load, LoadResult } from "../load/send-small.js";
import type { Plan } from "../measure/interleave.js";
import type { Usage } from "../programs/server.js";
import type { SuiteResult, Table } from "../report/result.js";
import { type ServerName, serverNames, servers } from "../servers/index.js";
import type { Variant } from "../servers/variant.js";
import { median, pairwiseRatio } from "../measure/statistics.js";

export const VARIANTS: readonly Variant[] = ["bare", "recipe", "verified", "received"];
/** The variants that are compared with each other. */
const RATIOS = [
  ["verified", "bare"],
  ["verified", "recipe"],
  ["received", "bare"],
  ["received", "recipe"],
] as const;
export const CONNECTIONS = 32;

/** A server, and its measurements: one value per round. */
interface RunningServer {
  variant: Variant;
  server: Child;
  port: number;
  perSecond: number[];
  cpuMicros: number[];
}

/** Measures small deliveries over HTTP on every server. */
export async function httpSuite(plan: Plan): Promise<SuiteResult> {
  const rate: Table = {
    title: "Over HTTP",
    note: `New deliveries of 550 bytes over ${CONNECTIONS} persistent connections from another process. "bare" is a route of the framework that reads the body and replies 204 (on Nest with its own body parser). "recipe" adds the raw body and standardwebhooks; "verified" does the same with our middleware or guard. "received" is the whole receiver, with a memory store and a deadline.`,
    unit: "perSecond",
    cells: [],
    chart: ["bare", "recipe", "verified", "received"],
  };
  const ratios: Table = { title: "Over HTTP, pair by pair", note: "The same run.", unit: "times", cells: [] };
  const cpu: Table = { title: "CPU per delivery over HTTP", note: "The same run.", unit: "time", cells: [] };
  const figures: SuiteResult["figures"] = {};
  const [load] = await Child.start("load");
  try {
    for (const id of serverNames) {
      const { name } = servers[id];
      if (plan.quick && id !== "express") continue;
      const variants = await measureServer(id, load, plan);
      for (const { variant, perSecond, cpuMicros } of variants) {
        const range = [Math.min(...perSecond), Math.max(...perSecond)] as const;
        rate.cells.push({ row: name, column: variant, value: median(perSecond), range });
        cpu.cells.push({ row: name, column: variant, value: median(cpuMicros) });
      }
      const findRates = (variant: Variant) =>
        variants.find((each) => each.variant === variant)?.perSecond ?? [];
      for (const [one, other] of RATIOS) {
        const ratio = pairwiseRatio(findRates(one), findRates(other));
        figures[`${name}: ${one} ÷ ${other}`] = ratio;
        ratios.cells.push({ row: name, column: `${one} ÷ ${other}`, value: ratio });
      }
    }
  } finally {
    await load.stop();
  }
  return { tables: [rate, ratios, cpu], figures };
}

/** Measures the variants of one server in turn. */
async function measureServer(
  name: ServerName,
  load: Child,
  { rounds, roundMs }: Plan,
): Promise<RunningServer[]> {
  const running: RunningServer[] = [];
  const createLoad = (port: number): Load => ({
    ports: [port],
    connections: CONNECTIONS,
    ms: roundMs,
    staysAwake: true,
  });
  try {
    for (const variant of VARIANTS) {
      const [server, { port }] = await Child.start<{ port: number }>("server", name, variant);
      running.push({ variant, server, port, perSecond: [], cpuMicros: [] });
      await load.ask(createLoad(port));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { server, port, perSecond, cpuMicros } of running) {
        const before = await server.ask<Usage>({});
        const sent = await load.ask<LoadResult>(createLoad(port));
        const after = await server.ask<Usage>({});
        perSecond.push(sent.requests / sent.seconds);
        cpuMicros.push((after.cpuMicros - before.cpuMicros) / sent.requests);
      }
    }
    return running;
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
  }
}

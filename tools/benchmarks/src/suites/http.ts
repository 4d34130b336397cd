import { Child } from "../child.js";
import type { Load, LoadResult } from "../load/send-small.js";
import type { Plan } from "../measure/interleave.js";
import type { Usage } from "../programs/server.js";
import type { SuiteResult, Table } from "../report/result.js";
import type { Variant } from "../servers/variant.js";
import { median, pairwiseRatio } from "../measure/statistics.js";

/** Their names, by how the server program calls them. */
export const frameworks: Record<string, string> = {
  express: "Express",
  koa: "Koa",
  "nest-express": "Nest on Express",
  "nest-fastify": "Nest on Fastify",
  hono: "Hono (fetch)",
  node: "node:http",
};
export const VARIANTS: readonly Variant[] = ["bare", "recipe", "verified", "received"];
/** What is compared with what. */
const RATIOS = [
  ["verified", "bare"],
  ["verified", "recipe"],
  ["received", "bare"],
  ["received", "recipe"],
] as const;
export const CONNECTIONS = 32;

/** One server and what was measured of it, one value per round. */
interface MeasuredServer {
  variant: Variant;
  server: Child;
  port: number;
  perSecond: number[];
  cpuMicros: number[];
}

/** Small deliveries over HTTP, on each framework. */
export async function httpSuite(plan: Plan): Promise<SuiteResult> {
  const rate: Table = {
    title: "Over HTTP",
    note: `Deliveries of 550 bytes, each a new one, over ${CONNECTIONS} kept connections; the sender is another process. "bare" is the framework's route that reads the body and answers 204 (on Nest with its own body parser). "recipe" is its raw body and standardwebhooks, "verified" the same with our middleware or guard. "received" is the whole receiver: claimed, handled and noted in memory, with a deadline.`,
    unit: "perSecond",
    cells: [],
    chart: ["bare", "recipe", "verified", "received"],
  };
  const ratios: Table = { title: "Over HTTP, pair by pair", note: "The same run.", unit: "times", cells: [] };
  const cpu: Table = { title: "CPU per delivery over HTTP", note: "The same run.", unit: "time", cells: [] };
  const figures: SuiteResult["figures"] = {};
  const [load] = await Child.start("load");
  try {
    for (const [id, name] of Object.entries(frameworks)) {
      if (plan.quick && id !== "express") continue;
      const contestants = await measureFramework(id, load, plan);
      for (const { variant, perSecond, cpuMicros } of contestants) {
        const range = [Math.min(...perSecond), Math.max(...perSecond)] as const;
        rate.cells.push({ row: name, column: variant, value: median(perSecond), range });
        cpu.cells.push({ row: name, column: variant, value: median(cpuMicros) });
      }
      const of = (variant: Variant) => contestants.find((each) => each.variant === variant)?.perSecond ?? [];
      for (const [one, other] of RATIOS) {
        const ratio = pairwiseRatio(of(one), of(other));
        figures[`${name}: ${one} ÷ ${other}`] = ratio;
        ratios.cells.push({ row: name, column: `${one} ÷ ${other}`, value: ratio });
      }
    }
  } finally {
    await load.stop();
  }
  return { tables: [rate, ratios, cpu], figures };
}

/** Lets the variants of one framework take turns. */
async function measureFramework(
  framework: string,
  load: Child,
  { rounds, roundMs }: Plan,
): Promise<MeasuredServer[]> {
  const contestants: MeasuredServer[] = [];
  const order = (port: number): Load => ({
    ports: [port],
    connections: CONNECTIONS,
    ms: roundMs,
    staysAwake: true,
  });
  try {
    for (const variant of VARIANTS) {
      const [server, { port }] = await Child.start<{ port: number }>("server", framework, variant);
      contestants.push({ variant, server, port, perSecond: [], cpuMicros: [] });
      await load.ask(order(port));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { server, port, perSecond, cpuMicros } of contestants) {
        const before = await server.ask<Usage>({});
        const sent = await load.ask<LoadResult>(order(port));
        const after = await server.ask<Usage>({});
        perSecond.push(sent.requests / sent.seconds);
        cpuMicros.push((after.cpuMicros - before.cpuMicros) / sent.requests);
      }
    }
    return contestants;
  } finally {
    await Promise.all(contestants.map(({ server }) => server.stop()));
  }
}

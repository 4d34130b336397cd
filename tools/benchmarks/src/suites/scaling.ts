import { startBackends } from "../backends.js";
import { Child } from "../child.js";
import type { LoadResult } from "../load/send-small.js";
import type { Plan } from "../measure/interleave.js";
import type { SuiteResult, Table } from "../report/result.js";
import { median, pairwiseRatio } from "../measure/statistics.js";

const PROCESSES = [1, 2, 3] as const;
const CONNECTIONS = 48;

/** Measures one, two and three processes with one store. */
export async function scalingSuite({ rounds, roundMs }: Plan): Promise<SuiteResult> {
  const table: Table = {
    title: "Several processes",
    note: `Deliveries of 550 bytes over HTTP on ${CONNECTIONS} connections to processes that share a Redis. Sender and Redis use the same cores: on a machine with two cores, the second process does not get one for itself.`,
    unit: "perSecond",
    cells: [],
  };
  const backends = await startBackends();
  const children: Child[] = [];
  try {
    const { redisUrl } = backends;
    if (redisUrl === undefined) return { tables: [], figures: {} };
    const ports: number[] = [];
    for (const _ of PROCESSES) {
      const [server, { port }] = await Child.start<{ port: number }>("server", "node", "received", redisUrl);
      children.push(server);
      ports.push(port);
    }
    const [load] = await Child.start("load");
    children.push(load);
    const createLoad = (count: number) => ({
      ports: ports.slice(0, count),
      connections: CONNECTIONS,
      ms: roundMs,
    });
    await load.ask(createLoad(ports.length));
    const rates = new Map(PROCESSES.map((count) => [count, [] as number[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [count, values] of rates) {
        const { requests, seconds } = await load.ask<LoadResult>(createLoad(count));
        values.push(requests / seconds);
      }
    }
    for (const [count, values] of rates) {
      const row = `${count} ${count === 1 ? "process" : "processes"}`;
      table.cells.push(
        { row, column: "deliveries", value: median(values) },
        { row, column: "× one process", value: pairwiseRatio(values, rates.get(1) ?? []), unit: "times" },
      );
    }
    return { tables: [table], figures: {} };
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await backends.stop();
  }
}

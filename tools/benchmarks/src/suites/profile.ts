import { MemoryStore, createReceiver, verify } from "@ahasend-webhooks/core";

import { Child } from "../child.js";
import { type Delivery, createBody, createDelivery, secret } from "../deliveries.js";
import type { LoadResult } from "../load/send-small.js";
import type { Plan } from "../measure/interleave.js";
import { type Profile, activities, startProfile } from "../measure/profile.js";
import type { Usage } from "../programs/server.js";
import type { SuiteResult, Table } from "../report/result.js";
import { serverNames, servers } from "../servers/index.js";
import { CONNECTIONS, VARIANTS } from "./http.js";

const WARM_UP_DELIVERIES = 20_000;
const DELIVERIES_IN_MEMORY = 100_000;

/** Profiles small deliveries. */
export async function profileSuite({ roundMs }: Plan): Promise<SuiteResult> {
  const table: Table = {
    title: "Where the time goes",
    note: "CPU per delivery of 550 bytes by activity, from profiles of one server after the other: the profiler slows everything down, and so does other load on the machine. `crypto` is our use of node:crypto; `rest` is the program itself and native code without a name.",
    unit: "time",
    cells: [],
  };
  const add = (row: string, profile: Profile, deliveries: number) => {
    for (const activity of activities) {
      table.cells.push({ row, column: activity, value: (profile[activity] ?? 0) / deliveries });
    }
  };
  const receiver = createReceiver({ secret, on: { "*": () => undefined }, store: new MemoryStore() });
  const candidates = {
    "verify in memory": (delivery: Delivery) => verify(delivery, { secret }),
    "receive in memory": (delivery: Delivery) => receiver.receive(delivery),
  };
  for (const [row, process] of Object.entries(candidates))
    add(row, await profileInMemory(process), DELIVERIES_IN_MEMORY);

  const [load] = await Child.start("load");
  try {
    for (const name of serverNames.filter((one) => servers[one].isProfiled)) {
      for (const variant of VARIANTS) {
        const [server, { port }] = await Child.start<{ port: number }>("server", name, variant);
        try {
          const request = { ports: [port], connections: CONNECTIONS, ms: roundMs, staysAwake: true };
          await load.ask(request);
          await server.ask({ profile: true });
          const { requests } = await load.ask<LoadResult>({ ...request, ms: 2 * roundMs });
          const { profile = {} } = await server.ask<Usage>({ profile: false });
          add(`${servers[name].name}: ${variant}`, profile, requests);
        } finally {
          await server.stop();
        }
      }
    }
  } finally {
    await load.stop();
  }
  return { tables: [table], figures: {} };
}

async function profileInMemory(process: (delivery: Delivery) => unknown): Promise<Profile> {
  const body = createBody("550 B");
  const processAll = async (count: number) => {
    const deliveries = Array.from({ length: count }, () => createDelivery(body));
    const stop = await startProfile();
    for (const delivery of deliveries) await process(delivery);
    return stop();
  };
  await processAll(WARM_UP_DELIVERIES);
  return processAll(DELIVERIES_IN_MEMORY);
}

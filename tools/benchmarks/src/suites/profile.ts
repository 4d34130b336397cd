import { MemoryStore, createReceiver, verify } from "@ahasend-webhooks/core";

import { Child } from "../child.js";
import { type Delivery, createBody, createDelivery, secret } from "../deliveries.js";
import type { LoadResult } from "../load/send-small.js";
import type { Plan } from "../measure/interleave.js";
import { type Profile, activities, startProfile } from "../measure/profile.js";
import type { Usage } from "../programs/server.js";
import type { SuiteResult, Table } from "../report/result.js";
import { CONNECTIONS, VARIANTS, frameworks } from "./http.js";

const FRAMEWORKS = ["node", "express", "koa"] as const;
const WARM_UP_DELIVERIES = 20_000;
const DELIVERIES_IN_MEMORY = 100_000;

/** Where the time of a small delivery goes. */
export async function profileSuite({ roundMs }: Plan): Promise<SuiteResult> {
  const table: Table = {
    title: "Where the time goes",
    note: "CPU per delivery of 550 bytes by what it is spent on, from a profile of each server in turn: the profiler makes everything slower, and a machine that is slow for a while shows. `crypto` is node:crypto as we use it, `rest` the program itself and native code that the profiler cannot name.",
    unit: "time",
    cells: [],
  };
  const add = (row: string, profile: Profile, deliveries: number) => {
    for (const activity of activities) {
      table.cells.push({ row, column: activity, value: (profile[activity] ?? 0) / deliveries });
    }
  };
  const receiver = createReceiver({ secret, on: { "*": () => undefined }, store: new MemoryStore() });
  const contenders = {
    "verify in memory": (delivery: Delivery) => verify(delivery, { secret }),
    "receive in memory": (delivery: Delivery) => receiver.receive(delivery),
  };
  for (const [row, take] of Object.entries(contenders)) add(row, await inMemory(take), DELIVERIES_IN_MEMORY);

  const [load] = await Child.start("load");
  try {
    for (const framework of FRAMEWORKS) {
      for (const variant of VARIANTS) {
        const [server, { port }] = await Child.start<{ port: number }>("server", framework, variant);
        try {
          const order = { ports: [port], connections: CONNECTIONS, ms: roundMs, staysAwake: true };
          await load.ask(order);
          await server.ask({ profile: true });
          const { requests } = await load.ask<LoadResult>({ ...order, ms: 2 * roundMs });
          const { profile = {} } = await server.ask<Usage>({ profile: false });
          add(`${frameworks[framework]}: ${variant}`, profile, requests);
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

async function inMemory(take: (delivery: Delivery) => unknown): Promise<Profile> {
  const body = createBody("550 B");
  const takeAll = async (count: number) => {
    const deliveries = Array.from({ length: count }, () => createDelivery(body));
    const stop = await startProfile();
    for (const delivery of deliveries) await take(delivery);
    return stop();
  };
  await takeAll(WARM_UP_DELIVERIES);
  return takeAll(DELIVERIES_IN_MEMORY);
}

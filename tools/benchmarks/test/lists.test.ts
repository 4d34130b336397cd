import { readFileSync } from "node:fs";
import { join } from "node:path";

import { adapters, root, stores } from "@ahasend-webhooks/harness/workspace";
import { expect, it } from "vitest";

import { measuredPackages } from "../src/measured-packages.js";
import { peerPackages, selectPeers } from "../src/peers.js";
import { describeMachine } from "../src/report/machine.js";
import { goals } from "../src/report/goals.js";
import { type MeasuredServer, servers } from "../src/servers/index.js";

const folder = join(root, "tools", "benchmarks");
const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};
const measuredServers = Object.values<MeasuredServer>(servers);

it("depends on every package of ours and every peer that it measures", () => {
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...measuredPackages, ...peerPackages]));
});

it.each(adapters)("has a server for the adapter %s", (adapter) => {
  expect(measuredServers.map((server) => server.adapter)).toContain(adapter);
});

it.each(stores)("has a backend for %s", (store) => {
  expect(readFileSync(join(folder, "src", "backends.ts"), "utf8")).toContain(`"@ahasend-webhooks/${store}"`);
});

it("measures every peer", () => {
  const names = Object.keys({ ...selectPeers("signatureCheck"), ...selectPeers("verification") });
  expect(names.toSorted()).toEqual(peerPackages.toSorted());
});

it("reports the version of every peer and every framework", () => {
  const { versions } = describeMachine();
  const names = [...peerPackages, ...measuredServers.flatMap(({ packages }) => packages)];
  for (const name of names) expect(versions[name]).toMatch(/^\d+\./);
});

it("sets goals over HTTP only for servers that it measures", () => {
  const names = goals.flatMap(({ figure }) => /^(.+): (?:verified|received) ÷/.exec(figure)?.[1] ?? []);
  expect(names.length).toBeGreaterThan(0);
  expect(measuredServers.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

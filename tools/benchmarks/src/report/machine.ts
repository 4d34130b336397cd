import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

import { readVersion } from "../installed-packages.js";
import { peerPackages } from "../peers.js";
import { type MeasuredServer, servers } from "../servers/index.js";

/** The machine that a report was made on. */
export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryGB: number;
  system: string;
  node: string;
  /** The versions of the packages that are compared. */
  versions: Record<string, string>;
}

const STORE_DRIVERS = ["ioredis", "libsql", "pg"];

/** Describes this machine. */
export function describeMachine(): Machine {
  const frameworks = Object.values<MeasuredServer>(servers).flatMap(({ packages }) => packages);
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    versions: Object.fromEntries(
      [...peerPackages, ...frameworks, ...STORE_DRIVERS].map((name) => [name, readVersion(name)]),
    ),
  };
}

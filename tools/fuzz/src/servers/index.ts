import type { StartEndpoint } from "./endpoint.js";
import { type PlantedBug, plantedBugs } from "./planted-bugs.js";

/** The servers that are fuzzed, one or more for each adapter; each process loads only its own. */
const targets = {
  node: async () => (await import("./node.js")).startNode,
  express: async () => (await import("./express.js")).startExpress,
  "express-4": async () => (await import("./express.js")).startExpress4,
  koa: async () => (await import("./koa.js")).startKoa,
  "nestjs-express": async () => (await import("./nest.js")).startNestOnExpress,
  "nestjs-fastify": async () => (await import("./nest.js")).startNestOnFastify,
  fetch: async () => (await import("./fetch.js")).startFetch,
} as const satisfies Record<string, () => Promise<StartEndpoint>>;

/** The name of a server, or of a planted bug. */
export type TargetName = keyof typeof targets | PlantedBug;

/** The names of the servers, without planted bugs. */
export const targetNames = Object.keys(targets) as (keyof typeof targets)[];

/** Loads a server. @throws {Error} for an unknown name */
export async function loadTarget(name: string): Promise<StartEndpoint> {
  const load = Object.entries(targets).find(([other]) => other === name)?.[1];
  const planted = Object.entries(plantedBugs).find(([other]) => other === name)?.[1];
  if (planted !== undefined) return planted;
  if (load === undefined) throw new Error(`Unknown server ${name}: use one of ${targetNames.join(", ")}.`);
  return load();
}

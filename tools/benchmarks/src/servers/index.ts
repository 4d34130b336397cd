import type { StartServer } from "./variant.js";

/** A server that is measured. */
export interface MeasuredServer {
  /** Its name in tables and goals. */
  name: string;
  /** The package of ours that it measures. */
  adapter: string;
  /** The npm packages whose versions the report states. */
  packages: readonly string[];
  /** `true` for the few that are profiled. */
  isProfiled: boolean;
  /** Loads its module; each process loads only its own. */
  load: () => Promise<StartServer>;
}

/** The servers, by the name that `programs/server.ts` takes: the only list of them, in the order of the report. */
export const servers = {
  express: {
    name: "Express",
    adapter: "express",
    packages: ["express"],
    isProfiled: true,
    load: async () => (await import("./express.js")).startExpress,
  },
  koa: {
    name: "Koa",
    adapter: "koa",
    packages: ["koa"],
    isProfiled: true,
    load: async () => (await import("./koa.js")).startKoa,
  },
  "nest-express": {
    name: "Nest on Express",
    adapter: "nestjs",
    packages: ["@nestjs/core"],
    isProfiled: false,
    load: async () => (await import("./nest.js")).startNestOnExpress,
  },
  "nest-fastify": {
    name: "Nest on Fastify",
    adapter: "nestjs",
    packages: ["@nestjs/platform-fastify"],
    isProfiled: false,
    load: async () => (await import("./nest.js")).startNestOnFastify,
  },
  hono: {
    name: "Hono (fetch)",
    adapter: "core",
    packages: ["hono"],
    isProfiled: false,
    load: async () => (await import("./hono.js")).startHono,
  },
  node: {
    name: "node:http",
    adapter: "core",
    packages: [],
    isProfiled: true,
    load: async () => (await import("./node.js")).startNode,
  },
} as const satisfies Record<string, MeasuredServer>;

/** The name of a server. */
export type ServerName = keyof typeof servers;

/** The names of all servers. */
export const serverNames = Object.keys(servers) as ServerName[];

// A server of one framework and one variant: server.js express recipe [URL of a Redis]
import { redisStore } from "@ahasend-webhooks/store-redis";
import { Redis } from "ioredis";

import { answerMessages, sendToParent } from "../child.js";
import { collectGarbage } from "../measure/collect-garbage.js";
import { type Profile, startProfile } from "../measure/profile.js";
import type { StartServer, Variant } from "../servers/variant.js";

/** What a server has used so far. */
export interface Usage {
  cpuMicros: number;
  /** The most memory it has had, and what it has now, in bytes. */
  peakBytes: number;
  nowBytes: number;
  /** What it did since the order to profile. */
  profile?: Profile;
}

/** What a server is asked beside its usage. */
export interface Question {
  /** To collect garbage first. */
  collect?: boolean;
  /** `true` begins a profile, `false` ends it. */
  profile?: boolean;
}

/** The frameworks; each server loads only its own. */
const frameworks: Record<string, () => Promise<StartServer>> = {
  node: async () => {
    const { startNode } = await import("../servers/node.js");
    return (variant) =>
      startNode(variant, storeUrl === undefined ? undefined : redisStore(new Redis(storeUrl)));
  },
  express: async () => (await import("../servers/express.js")).startExpress,
  koa: async () => (await import("../servers/koa.js")).startKoa,
  hono: async () => (await import("../servers/hono.js")).startHono,
  "nest-express": async () => (await import("../servers/nest.js")).startNestOnExpress,
  "nest-fastify": async () => (await import("../servers/nest.js")).startNestOnFastify,
};

const [, , framework = "", variant, storeUrl] = process.argv;

const start = await frameworks[framework]?.();
if (start === undefined) throw new Error(`There is no server on ${framework}.`);
sendToParent({ port: await start(variant as Variant) });

let stopProfile: (() => Promise<Profile>) | undefined;

answerMessages(async ({ collect, profile }: Question): Promise<Usage> => {
  if (collect === true) collectGarbage();
  if (profile === true) stopProfile = await startProfile();
  const profiled = profile === false ? await stopProfile?.() : undefined;
  const { user, system } = process.cpuUsage();
  return {
    cpuMicros: user + system,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    nowBytes: process.memoryUsage.rss(),
    ...(profiled && { profile: profiled }),
  };
});

// Runs one server in one variant: server.js express recipe [URL of a Redis]
import { redisStore } from "@ahasend-webhooks/store-redis";
import { Redis } from "ioredis";

import { answerMessages, sendToParent } from "../child.js";
import { collectGarbage } from "../measure/collect-garbage.js";
import { type Profile, startProfile } from "../measure/profile.js";
import { type MeasuredServer, serverNames, servers } from "../servers/index.js";
import type { Variant } from "../servers/variant.js";

/** The resources that a server has used so far. */
export interface Usage {
  cpuMicros: number;
  /** Its peak and current memory, in bytes. */
  peakBytes: number;
  nowBytes: number;
  /** Its profile since the last question with `profile: true`. */
  profile?: Profile;
}

/** A question about the usage of a server. */
export interface Question {
  /** Collect garbage first. */
  collect?: boolean;
  /** `true` starts a profile, `false` ends it. */
  profile?: boolean;
}

const [, , name = "", variant, storeUrl] = process.argv;

const server = Object.entries<MeasuredServer>(servers).find(([other]) => other === name)?.[1];
if (server === undefined) throw new Error(`Unknown server ${name}: use ${serverNames.join(", ")}.`);
const start = await server.load();
const store = storeUrl === undefined ? undefined : redisStore(new Redis(storeUrl));
sendToParent({ port: await start(variant as Variant, store) });

let stopProfile: (() => Promise<Profile>) | undefined;

answerMessages(async ({ collect, profile }: Question): Promise<Usage> => {
  if (collect === true) collectGarbage();
  if (profile === true) stopProfile = await startProfile();
  const ended = profile === false ? await stopProfile?.() : undefined;
  const { user, system } = process.cpuUsage();
  return {
    cpuMicros: user + system,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    nowBytes: process.memoryUsage.rss(),
    ...(ended && { profile: ended }),
  };
});

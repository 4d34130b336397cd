import { setImmediate as nextTurn } from "node:timers/promises";

import type { BullmqNewJob, BullmqQueue } from "./bullmq-queue.js";
import type { QueueServer } from "./queue-server.js";

/** The part of BullMQ's Redis backend that the inbox uses. The client is that of BullMQ, when it is connected. */
export interface RedisBackend {
  client: Promise<{
    hget(key: string, field: string): Promise<string | null>;
    info(): Promise<string>;
    defineCommand(name: string, script: { numberOfKeys: number; lua: string }): void;
    runCommand(name: string, args: readonly string[]): Promise<unknown>;
  }>;
}

/**
 * Returns, for each id and token, 1 if the job has the token, and 0 otherwise. One command instead of one for each job: of
 * what accepting a delivery costs this process, the commands of Redis are the largest part.
 */
const HAVE_TOKENS = {
  name: "ahasendHaveTokens",
  numberOfKeys: 1,
  lua: `
local found = {}
for i = 1, #ARGV, 2 do
  local options = redis.call("HGET", KEYS[1] .. ARGV[i], "opts")
  found[#found + 1] = options and string.find(options, ARGV[i + 1], 1, true) and 1 or 0
end
return found`,
};

/** A Redis with a queue. */
export class RedisServer implements QueueServer {
  readonly #queue: BullmqQueue;
  readonly #backend: RedisBackend;
  /** Clients that know {@link HAVE_TOKENS}. */
  readonly #knowsScript = new WeakSet<object>();

  constructor(queue: BullmqQueue, backend: RedisBackend) {
    this.#queue = queue;
    this.#backend = backend;
  }

  async addJobs(jobs: BullmqNewJob[]): Promise<boolean[]> {
    const adding = this.#queue.addBulk(jobs);
    // The question follows the jobs on their connection: with their answer, another round trip would begin.
    const [areNew] = await Promise.all([nextTurn().then(() => this.#haveTokens(jobs)), adding]);
    // The others are duplicates, or the question was ahead of the jobs.
    return areNew.every(Boolean) ? areNew : this.#haveTokens(jobs);
  }

  async readTimestamps(jobIds: readonly string[]): Promise<number[]> {
    const times = await Promise.all(jobIds.map((jobId) => this.#readField(jobId, "timestamp")));
    return times.flatMap((time) => (time === null ? [] : Number(time)));
  }

  async findRisks(): Promise<string[]> {
    const info = await (await this.#backend.client).info();
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "noeviction";
    const risks: string[] = [];
    if (policy !== "noeviction") {
      risks.push(
        `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), and then deliveries are lost: set maxmemory-policy to noeviction.`,
      );
    }
    if (/^aof_enabled:0/m.test(info)) {
      risks.push(
        "Redis does not write deliveries to its append-only file, so that a crash loses them: set appendonly to yes.",
      );
    }
    return risks;
  }

  /** Returns for each job whether it was added with this token, and not with that of another delivery before. */
  async #haveTokens(jobs: readonly BullmqNewJob[]): Promise<boolean[]> {
    const client = await this.#backend.client;
    const { name, numberOfKeys, lua } = HAVE_TOKENS;
    if (!this.#knowsScript.has(client)) client.defineCommand(name, { numberOfKeys, lua });
    this.#knowsScript.add(client);
    const args = jobs.flatMap(({ opts }) => [opts.jobId, opts.token]);
    const found = (await client.runCommand(name, [this.#queue.toKey(""), ...args])) as number[];
    return found.map((each) => each === 1);
  }

  async #readField(jobId: string, field: string): Promise<string | null> {
    return (await this.#backend.client).hget(this.#queue.toKey(jobId), field);
  }
}

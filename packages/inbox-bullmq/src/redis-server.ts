import type { BullmqQueue } from "./bullmq-queue.js";
import type { JobToken, QueueServer } from "./queue-server.js";

/** The part of BullMQ's Redis backend that the inbox uses. The client is that of BullMQ, when it is connected. */
export interface RedisBackend {
  client: Promise<{
    hget(key: string, field: string): Promise<string | null>;
    info(): Promise<string>;
  }>;
}

/** A Redis with a queue. */
export class RedisServer implements QueueServer {
  readonly #queue: BullmqQueue;
  readonly #backend: RedisBackend;

  constructor(queue: BullmqQueue, backend: RedisBackend) {
    this.#queue = queue;
    this.#backend = backend;
  }

  async haveTokens(jobs: readonly JobToken[]): Promise<boolean[]> {
    const options = await Promise.all(jobs.map(({ jobId }) => this.#readField(jobId, "opts")));
    return jobs.map(({ token }, index) => options[index]?.includes(token) === true);
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

  async #readField(jobId: string, field: string): Promise<string | null> {
    return (await this.#backend.client).hget(this.#queue.toKey(jobId), field);
  }
}

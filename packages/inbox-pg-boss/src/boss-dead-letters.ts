import type { DeadLetter, DeadLetters } from "@ahasend-webhooks/core";
import {
  fromKeptDelivery,
  isKeptDelivery,
  toDeadLetterIds,
  toDeadLetterLimit,
} from "@ahasend-webhooks/core/inbox";

import type { BossQueue, DeadData } from "./boss-queue.js";
import { hasChanged } from "./pg-boss-like.js";

type Named = Parameters<DeadLetters["replay"]>[0];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The dead letters: the jobs of a queue that nothing works on. */
export class BossDeadLetters implements DeadLetters {
  readonly #queue: BossQueue;
  readonly #ready: () => Promise<void>;

  constructor(queue: BossQueue, ready: () => Promise<void>) {
    this.#queue = queue;
    this.#ready = ready;
  }

  async list(options?: { limit?: number }): Promise<DeadLetter[]> {
    const limit = toDeadLetterLimit(options);
    await this.#ready();
    const rows = await this.#queue.query(
      "dead",
      "SELECT id, data - 'body' AS data FROM $table WHERE name = $1 AND state < 'completed' ORDER BY created_on, id LIMIT $2",
      [limit],
    );
    return rows.map(({ id, data }) => toDeadLetter(String(id), data as DeadData));
  }

  async inspect(id: string): Promise<(DeadLetter & { rawBody: Uint8Array }) | undefined> {
    await this.#ready();
    if (!UUID.test(id)) return undefined;
    const data = (await this.#queue.boss.getJobById(this.#queue.deadName, id))?.data;
    if (!isDeadData(data)) return undefined;
    return { ...toDeadLetter(id, data), rawBody: fromKeptDelivery(data).rawBody };
  }

  replay(ids: Named): Promise<number> {
    return this.#each(ids, (id) => this.#queue.replay(id));
  }

  discard(ids: Named): Promise<number> {
    const { boss, deadName } = this.#queue;
    return this.#each(ids, async (id) => hasChanged(await boss.deleteJob(deadName, id)));
  }

  async #each(ids: Named, act: (id: string) => Promise<boolean>): Promise<number> {
    const named = toDeadLetterIds(ids);
    await this.#ready();
    const list = named === "all" ? await this.#readIds() : named.filter((id) => UUID.test(id));
    let count = 0;
    for (const id of list) if (await act(id)) count += 1;
    return count;
  }

  async #readIds(): Promise<string[]> {
    const text = "SELECT id FROM $table WHERE name = $1 AND state < 'completed' ORDER BY created_on, id";
    return (await this.#queue.query("dead", text)).map(({ id }) => String(id));
  }
}

function isDeadData(data: unknown): data is DeadData {
  return (
    isKeptDelivery(data) && "failure" in data && typeof data.failure === "object" && data.failure !== null
  );
}

function toDeadLetter(id: string, { endpoint, deliveryId, type, failure }: DeadData): DeadLetter {
  const { attempts, error, receivedAt } = failure;
  return { id, endpoint, deliveryId, type, attempts, error, receivedAt: new Date(receivedAt) };
}

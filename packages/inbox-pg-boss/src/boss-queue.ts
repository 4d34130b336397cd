import type { StoredDelivery } from "@ahasend-webhooks/core";
import { type KeptDelivery, isKeptDelivery, toKeptDelivery } from "@ahasend-webhooks/core/inbox";

import { assertSchema } from "./assert-schema.js";
import { type BossAttempt, type BossDatabase, type PgBossLike, hasChanged } from "./pg-boss-like.js";
import { toDigest, toJobId } from "./job-id.js";
import { type BossQueueSettings, FOREVER_SECONDS, NO_RETRY_LIMIT, toSendOptions } from "./send-options.js";

/** Why a delivery is a dead letter. */
export interface Failure {
  error: string;
  attempts: number;
  /** Milliseconds since 1970. */
  receivedAt: number;
  /** Of the job, for a replay. */
  singletonKey: string | null;
}

/** The data of a job in the queue of dead letters. */
export type DeadData = KeptDelivery & { failure: Failure };

/** The two queues of an inbox: of deliveries, and of dead letters. A delivery has the same id in both. */
export class BossQueue {
  readonly boss: PgBossLike;
  readonly name: string;
  readonly deadName: string;
  #settings: BossQueueSettings;
  #tables: { live: string; dead: string } | undefined;

  constructor(boss: PgBossLike, settings: BossQueueSettings) {
    this.boss = boss;
    this.name = settings.queue;
    this.deadName = `${settings.queue}-dead`;
    this.#settings = settings;
  }

  get isOrdered(): boolean {
    return this.#settings.isOrdered;
  }

  /**
   * Creates the queues, unless they exist.
   *
   * @throws {Error} if pg-boss is not started, or a queue of this name is of another kind or contains other jobs
   */
  async create(): Promise<void> {
    const { boss, name, deadName } = this;
    const policy = this.isOrdered ? "key_strict_fifo" : "standard";
    const options = {
      retryLimit: NO_RETRY_LIMIT,
      retentionSeconds: FOREVER_SECONDS,
      deleteAfterSeconds: Math.ceil(this.#settings.retentionSeconds),
    } as const;
    await boss.createQueue(deadName, { ...options, policy: "standard" });
    await boss.createQueue(name, { ...options, policy });
    await this.#readTables(policy);
  }

  /**
   * Uses the queues as they are.
   *
   * @throws {Error} if they do not exist, pg-boss is not started, or they contain other jobs
   */
  async open(): Promise<void> {
    const { boss, name, deadName } = this;
    const [live, dead] = [await boss.getQueue(name), await boss.getQueue(deadName)];
    if (live === null || dead === null) {
      throw new Error(
        `pg-boss has no queues ${name} and ${deadName} in the schema ${this.#settings.schema}: set the options queue and schema to those of the inbox.`,
      );
    }
    const { retentionSeconds } = this.#settings;
    this.#settings = {
      ...this.#settings,
      isOrdered: live.policy === "key_strict_fifo",
      retentionSeconds: live.deleteAfterSeconds ?? retentionSeconds,
    };
    await this.#readTables(live.policy ?? "standard");
  }

  async #readTables(policy: string): Promise<void> {
    const { boss, name, deadName } = this;
    const [live, dead] = [await boss.getQueue(name), await boss.getQueue(deadName)];
    if (live?.policy !== policy || dead?.policy !== "standard") {
      throw new Error(
        `The queue ${name} exists with another policy than ${policy}, which depends on orderingKey: set the option queue to another name.`,
      );
    }
    if (boss.getDb().beginTransaction === undefined) {
      throw new Error("The db of pg-boss has no beginTransaction: let pg-boss connect by itself.");
    }
    const { schema } = this.#settings;
    await assertSchema(boss.getDb(), schema, live);
    this.#tables = { live: `${schema}.${live.table}`, dead: `${schema}.${dead.table}` };
    const foreign = await this.query(
      "live",
      "SELECT data - 'body' AS data FROM $table WHERE name = $1 LIMIT 1",
    );
    if (foreign.some(({ data }) => !isKeptDelivery({ ...(data as object), body: "" }))) {
      throw new Error(
        `The queue ${name} contains jobs of something else: set the option queue to another name.`,
      );
    }
  }

  /** Runs a statement on the table of a queue, whose name is the first parameter. */
  async query(
    which: "live" | "dead",
    text: string,
    values: unknown[] = [],
  ): Promise<Partial<Record<string, unknown>>[]> {
    const table = this.#tables?.[which] ?? "";
    const parameters = [which === "live" ? this.name : this.deadName, ...values];
    const { rows } = await this.boss.getDb().executeSql(text.replaceAll("$table", table), parameters);
    return rows as Partial<Record<string, unknown>>[];
  }

  async transaction<T>(work: (db: BossDatabase) => Promise<T>): Promise<T> {
    const transaction = await this.boss.getDb().beginTransaction?.();
    if (transaction === undefined) throw new Error("pg-boss cannot begin a transaction.");
    try {
      const result = await work(transaction.db);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  /** Adds deliveries in one statement. @returns for each whether it was not known */
  async insert(deliveries: readonly StoredDelivery[], db?: BossDatabase): Promise<boolean[]> {
    const jobs = deliveries.map((delivery) => {
      const id = toJobId(delivery);
      const { orderingKey } = delivery;
      // Hashed, because PostgreSQL refuses some strings.
      const key = orderingKey === undefined ? id : toDigest(orderingKey).toString("hex");
      return { data: toKeptDelivery(delivery), ...toSendOptions(this.#settings, id, key, undefined) };
    });
    const inserted = await this.boss.insert(this.name, jobs, { returnId: true, ...(db && { db }) });
    const fresh = new Set(inserted);
    return jobs.map(({ id }) => fresh.has(id));
  }

  /**
   * Moves a delivery to the dead letters. A job without the body stays, so that duplicates are recognized.
   *
   * @throws {Error} if another worker has taken it
   */
  bury(attempt: BossAttempt, kept: KeptDelivery, failure: Failure): Promise<void> {
    const { boss, name, deadName } = this;
    const { id, retryCount } = attempt;
    return this.transaction(async (db) => {
      assertOurs(await boss.deleteJob(name, { id, retryCount }, { db }));
      const options = { ...toSendOptions(this.#settings, id, id, db), deleteAfterSeconds: FOREVER_SECONDS };
      await boss.send(deadName, { ...kept, failure } satisfies DeadData, options);
      await boss.send(name, { ...kept, body: "" } satisfies KeptDelivery, options);
      await boss.complete(name, id, null, { includeQueued: true, db });
    });
  }

  /** Moves a dead letter back. @returns whether it was there */
  replay(id: string): Promise<boolean> {
    const { boss, name, deadName } = this;
    return this.transaction(async (db) => {
      const job = await boss.getJobById(deadName, id, { db });
      const data = job?.data;
      if (!isKeptDelivery(data) || !hasChanged(await boss.deleteJob(deadName, id, { db }))) return false;
      const { v, endpoint, deliveryId, type, sentAt, body } = data;
      const key = (data as Partial<DeadData>).failure?.singletonKey ?? id;
      await boss.deleteJob(name, id, { db });
      const options = toSendOptions(this.#settings, id, key, db);
      // That of the worker, if another process replays it: the worker renews it often enough for its own.
      const heartbeatSeconds = job?.heartbeatSeconds ?? options.heartbeatSeconds;
      const kept = { v, endpoint, deliveryId, type, sentAt, body };
      await boss.send(name, kept, { ...options, heartbeatSeconds });
      return true;
    });
  }
}

/** @throws {Error} if a command had no effect, because another worker has taken the job */
export function assertOurs(response: object): void {
  if (!hasChanged(response)) throw new Error("Another worker has taken the delivery.");
}

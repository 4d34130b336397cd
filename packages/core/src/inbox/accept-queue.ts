import type { StoredDelivery } from "../stores/inbox.js";

type Answer = "accepted" | "duplicate";

/** A delivery that is about to be written, with those who wait for the answer: duplicates may join. */
interface Entry {
  delivery: StoredDelivery;
  key: string;
  answer: Promise<Answer>;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/** Writes deliveries in one statement. @returns for each whether it is new */
export type WriteBatch = (deliveries: readonly StoredDelivery[]) => Promise<readonly boolean[]>;

/** Settings of an {@link AcceptQueue}. */
export interface AcceptQueueSettings {
  write: WriteBatch;
  /** Returns whether the error is about one delivery of the batch, and not about the connection or the table. */
  isAboutData: (error: unknown) => boolean;
}

/** A larger body is written alone, beside the batches: small ones must not wait for it. */
const LARGE_BYTES = 1_000_000;
const BATCH_BYTES = 4_000_000;
const BATCH_ROWS = 500;
/** While one batch is being written, the process fills the next one, and the server does not wait for it. */
const LANES = 2;
/** Smaller batches leave one after the other: each costs the server as much as 20 rows do. */
const SECOND_LANE_ROWS = 16;
/** A batch that takes longer may be stuck, and must not stop everything. */
const SLOW_MS = 100;

/**
 * Accepts deliveries in batches: those that arrive while a batch is being written leave together after it, or beside it if
 * they are many. Of each ordering key, one delivery is being written at a time, because the rows of a batch may be written in
 * any order.
 */
export class AcceptQueue {
  readonly #settings: AcceptQueueSettings;
  /** In the order of arrival, without those that are being written. */
  readonly #waiting = new Set<Entry>();
  /** Waiting or being written, by key. */
  readonly #entries = new Map<string, Entry>();
  readonly #busyOrderingKeys = new Set<string>();
  #batches = 0;
  /** When the last batch left. */
  #startedAt = 0;
  #isScheduled = false;

  constructor(settings: AcceptQueueSettings) {
    this.#settings = settings;
  }

  /** Resolves when the delivery is committed. @throws the error of the database */
  async accept(delivery: StoredDelivery): Promise<Answer> {
    const entry = createEntry(delivery);
    const first = this.#entries.get(entry.key);
    if (first !== undefined) {
      await first.answer;
      return "duplicate";
    }
    this.#entries.set(entry.key, entry);
    this.#waiting.add(entry);
    const isLarge = delivery.rawBody.length > LARGE_BYTES;
    // The end of the batch looks for the next one.
    if (isLarge || this.#mayStart()) this.#scheduleFlush();
    return entry.answer;
  }

  #mayStart(): boolean {
    if (this.#batches === 0 || this.#batches === LANES) return this.#batches === 0;
    return this.#waiting.size >= SECOND_LANE_ROWS || performance.now() - this.#startedAt > SLOW_MS;
  }

  /** At the end of the turn: deliveries that arrived together leave together. */
  #scheduleFlush(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    const mayStart = this.#mayStart();
    const batch: Entry[] = [];
    let bytes = 0;
    // What came later with the same ordering key stays behind.
    const held = new Set(this.#busyOrderingKeys);
    for (const entry of this.#waiting) {
      const { orderingKey, rawBody } = entry.delivery;
      const { length } = rawBody;
      const isLarge = length > LARGE_BYTES;
      const isFree = orderingKey === undefined || !held.has(orderingKey);
      if (orderingKey !== undefined) held.add(orderingKey);
      const fits = mayStart && batch.length < BATCH_ROWS && bytes + length <= BATCH_BYTES;
      if (!isFree || !(isLarge || fits)) continue;
      this.#waiting.delete(entry);
      if (orderingKey !== undefined) this.#busyOrderingKeys.add(orderingKey);
      if (isLarge) {
        void this.#write([entry]);
      } else {
        bytes += length;
        batch.push(entry);
      }
    }
    if (batch.length === 0) return;
    this.#batches += 1;
    this.#startedAt = performance.now();
    void this.#write(batch).finally(() => {
      this.#batches -= 1;
      this.#scheduleFlush();
    });
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    await this.#tryWrite(entries);
    for (const { key, delivery } of entries) {
      this.#entries.delete(key);
      if (delivery.orderingKey !== undefined) this.#busyOrderingKeys.delete(delivery.orderingKey);
    }
    if (this.#waiting.size > 0) this.#scheduleFlush();
  }

  /** Never rejects. */
  async #tryWrite(entries: readonly Entry[]): Promise<void> {
    try {
      const fresh = await this.#settings.write(entries.map(({ delivery }) => delivery));
      for (const [index, { resolve }] of entries.entries()) {
        resolve(fresh[index] === true ? "accepted" : "duplicate");
      }
    } catch (error) {
      if (entries.length > 1 && this.#settings.isAboutData(error)) {
        for (const entry of entries) await this.#tryWrite([entry]);
      } else {
        for (const { reject } of entries) reject(error);
      }
    }
  }
}

function createEntry(delivery: StoredDelivery): Entry {
  let settle: Pick<Entry, "resolve" | "reject"> | undefined;
  const answer = new Promise<Answer>((resolve, reject) => (settle = { resolve, reject }));
  const { resolve = () => undefined, reject = () => undefined } = settle ?? {};
  const key = toDeliveryKey(delivery.endpoint, delivery.deliveryId);
  return { delivery, key, answer, resolve, reject };
}

/** Returns the key by which duplicates are recognized. */
export function toDeliveryKey(endpoint: string, deliveryId: string): string {
  return JSON.stringify([endpoint, deliveryId]);
}

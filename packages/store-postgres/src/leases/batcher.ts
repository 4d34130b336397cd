import { isDataError } from "../errors.js";

/** The statements of a {@link Batcher}. */
export interface BatcherSettings<Call, Result> {
  /** Runs calls with different keys in one statement. @returns the results by key; calls without one run alone */
  runAll: (calls: readonly Call[]) => Promise<ReadonlyMap<string, Result>>;
  /** Runs a call alone. */
  runOne: (call: Call) => Promise<Result>;
}

/** A call that waits for its batch. */
interface Entry<Call, Result> {
  call: Call;
  resolve: (result: Result | Promise<Result>) => void;
  reject: (error: unknown) => void;
}

const BATCH_CALLS = 100;
/** While one batch is out, the process fills the next one; and one that is stuck does not stop everything. */
const LANES = 2;

/** Runs calls in batches: those that come while two batches are out leave together in the next one. */
export class Batcher<Call extends { key: string }, Result> {
  readonly #settings: BatcherSettings<Call, Result>;
  readonly #waiting: Entry<Call, Result>[] = [];
  /** Waiting or out: each key is in one batch at a time, so that what its row waits for stops one lane at most. */
  readonly #keys = new Set<string>();
  #batches = 0;
  #isScheduled = false;

  constructor(settings: BatcherSettings<Call, Result>) {
    this.#settings = settings;
  }

  /** Resolves when the statement has been committed. @throws the error of the database */
  async run(call: Call): Promise<Result> {
    const { key } = call;
    if (this.#keys.has(key)) return this.#settings.runOne(call);
    this.#keys.add(key);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#schedule();
    });
  }

  /** In a microtask: calls of the same turn leave together. */
  #schedule(): void {
    if (this.#isScheduled || this.#batches === LANES || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#batches += 1;
      void this.#send(this.#waiting.splice(0, BATCH_CALLS)).finally(() => {
        this.#batches -= 1;
        this.#schedule();
      });
      this.#schedule();
    });
  }

  /** Never rejects. */
  async #send(entries: readonly Entry<Call, Result>[]): Promise<void> {
    try {
      const results = await this.#runAll(entries.map(({ call }) => call));
      for (const { call, resolve } of entries) {
        this.#keys.delete(call.key);
        resolve(results.get(call.key) ?? this.#settings.runOne(call));
      }
    } catch (error) {
      for (const { call, reject } of entries) {
        this.#keys.delete(call.key);
        reject(error);
      }
    }
  }

  async #runAll(calls: readonly Call[]): Promise<ReadonlyMap<string, Result>> {
    try {
      return await this.#settings.runAll(calls);
    } catch (error) {
      // One of the calls is to blame: each runs alone.
      if (calls.length > 1 && isDataError(error)) return new Map();
      throw error;
    }
  }
}

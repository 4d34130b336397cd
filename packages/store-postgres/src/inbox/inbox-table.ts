import { setMaxListeners } from "node:events";

import { type InboxVerdict, summarizeError } from "@ahasend-webhooks/core";
import type { BoundRun, PolledTable, TypeFilter } from "@ahasend-webhooks/core/inbox";

import type { Database } from "../database/database.js";
import type { PostgresInboxSettings } from "./inbox-options.js";
import type { InboxStatements } from "./inbox-statements.js";
import { readBytes, readRows } from "./read-rows.js";
import { type TakenRow, type Verdicts, createVerdicts } from "./verdicts.js";

interface TakenFacts {
  id: string;
  fence: string;
  attempt: number;
  /** Its worker has not ended it, and its lease has. */
  wasActive: boolean;
  endpoint: string;
  deliveryId: string;
  type: string;
  sentMs: number;
}

/** The number of renewals before a lease would end. */
const RENEWALS = 3;

/** The table of an inbox, as one worker uses it. */
export class InboxTable<Extras> implements PolledTable<TakenRow, Extras> {
  readonly pollMs: number;
  readonly renewMs: number;
  readonly #database: Database<Extras>;
  readonly #statements: InboxStatements;
  readonly #settings: PostgresInboxSettings;
  readonly #verdicts: Verdicts;
  readonly #transactions = new Set<Promise<unknown>>();
  readonly #givingBack = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #abandoned = new AbortController();

  constructor(database: Database<Extras>, statements: InboxStatements, settings: PostgresInboxSettings) {
    this.#database = database;
    this.#statements = statements;
    this.#settings = settings;
    // Every handler that runs listens.
    setMaxListeners(0, this.#abandoned.signal);
    this.#verdicts = createVerdicts(database.query, statements, settings);
    this.pollMs = settings.pollMs;
    this.renewMs = settings.leaseMs / RENEWALS;
  }

  async take(limit: number, { names, isExclusive }: TypeFilter): Promise<readonly TakenRow[]> {
    // Taking them again would count further attempts without a handler.
    await Promise.all(this.#givingBack);
    const taken: TakenRow[] = [];
    for (const { facts, body } of await this.#takeRows([limit, names, isExclusive])) {
      const { id, fence, attempt, wasActive, endpoint, deliveryId, type, sentMs } = facts;
      const rawBody = readBytes(body);
      const delivery = { endpoint, deliveryId, type, sentAt: new Date(sentMs), rawBody };
      const row = { id, fence, attempt, delivery };
      if (wasActive && attempt > this.#settings.maxAttempts) await this.#bury(row);
      else taken.push(row);
    }
    // The statement returns them in any order.
    return taken.toSorted((one, other) => Number(one.id) - Number(other.id));
  }

  async handle(taken: TakenRow, run: BoundRun<Extras>): Promise<void> {
    if (this.#settings.mode === "lease") return this.#verdicts.write(taken, await run());
    const handled = this.#handleInTransaction(taken, run);
    this.#transactions.add(handled);
    await handled.finally(() => this.#transactions.delete(handled));
  }

  async renew(taken: readonly TakenRow[]): Promise<void> {
    const { leaseMs, clock } = this.#settings;
    const ids = taken.map(({ id }) => id);
    const fences = taken.map(({ fence }) => fence);
    await this.#database.query(this.#statements.renew, [ids, fences, leaseMs, clock()]);
  }

  async nextDueInMs(): Promise<number | undefined> {
    const result = await this.#database.query(this.#statements.nextDue, [this.#settings.clock()]);
    return readRows<number>(result)[0]?.facts;
  }

  onWarning(message: string, error: unknown): void {
    this.#settings.onWarning(`${message}: ${summarizeError(error)}`);
  }

  /** Called first when the worker closes. A server that is away does not keep it from closing. */
  close(): void {
    this.#closing.abort();
  }

  /** Rolls back the transactions of handlers that still run, so that the pool can end. */
  async abandon(): Promise<void> {
    this.#abandoned.abort();
    await Promise.allSettled(this.#transactions);
  }

  async #takeRows(values: unknown[]) {
    const { leaseMs, clock } = this.#settings;
    // Large bodies take their time; a result that comes when the lease has ended is of no use.
    const options = { timeoutMs: leaseMs };
    const parameters = [...values, leaseMs, clock()];
    return readRows<TakenFacts>(await this.#database.query(this.#statements.take, parameters, options));
  }

  async #bury(row: TakenRow): Promise<void> {
    // Taking it has counted one that does not run.
    const attempt = row.attempt - 1;
    const error = `No worker has finished attempt ${attempt}, the last one: it crashed or hung.`;
    try {
      await this.#verdicts.bury({ ...row, attempt }, error);
      this.#settings.onWarning(`A delivery has become a dead letter. ${error}`);
    } catch (failure) {
      // Others that were taken with it have to be handled.
      this.onWarning("A delivery could not be made a dead letter, and is tried again", failure);
    }
  }

  /** The row is settled first, which locks it: nobody else can take it, and a rollback undoes that as well. */
  async #handleInTransaction(taken: TakenRow, run: BoundRun<Extras>): Promise<void> {
    const attempt: { running?: Promise<InboxVerdict> } = {};
    try {
      const settlement = this.#verdicts.toSettlement(taken);
      const verdict = await this.#database.transaction(settlement, async (extras, rows, _query, lost) => {
        if (readRows(rows).length === 0) return undefined;
        attempt.running = this.#runUntilAbandoned(() => run(extras, lost));
        const verdict = await attempt.running;
        if (verdict.state !== "handled") throw new RollBack();
        return verdict;
      });
      verdict?.report();
    } catch (error) {
      if (attempt.running === undefined) return this.#giveBack(taken, error);
      // If the connection was lost, the handler may still run, and must not run twice at the same time.
      const verdict = await attempt.running.catch(() => undefined);
      if (verdict === undefined) return;
      if (error instanceof RollBack) await this.#verdicts.write(taken, verdict);
      else await this.#verdicts.writeFailedCommit(taken, verdict, error);
    }
  }

  /** The handler has not started, and cannot have failed. */
  async #giveBack(taken: TakenRow, error: unknown): Promise<void> {
    this.#settings.onWarning(
      `The transaction of a handler could not begin, and is tried again without counting an attempt. If no connection was free in time, raise max of the pool or lower concurrency. ${summarizeError(error)}`,
    );
    const givenBack = this.#verdicts.giveBack(taken, this.#closing.signal);
    this.#givingBack.add(givenBack);
    await givenBack.finally(() => this.#givingBack.delete(givenBack));
  }

  /** @throws {RollBack} if the worker no longer waits for the handler */
  async #runUntilAbandoned(run: () => Promise<InboxVerdict>): Promise<InboxVerdict> {
    const { signal } = this.#abandoned;
    if (signal.aborted) throw new RollBack();
    let onAbort: () => void = () => undefined;
    const abandoned = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(new RollBack());
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([run(), abandoned]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/** Rolls a transaction back: the handler has failed, or nobody waits for it any more. */
class RollBack extends Error {
  override readonly name = "RollBack";
  override readonly message = "The transaction was rolled back.";
}

import { setMaxListeners } from "node:events";

import { type StoredDelivery, describeError } from "@ahasend-webhooks/core";
import {
  type BoundRun,
  type InboxSettings,
  type PolledTable,
  type TakenDelivery,
  type TypeFilter,
} from "@ahasend-webhooks/core/inbox";

import type { SqliteConnection } from "./connection.js";
import { readMessage } from "./errors.js";
import { InboxOwner } from "./inbox-owner.js";
import { type InboxStatements, createInboxTable, prepareInboxStatements } from "./inbox-statements.js";
import type { TableSettings } from "./options.js";
import { retryUntilClosed } from "./retry-until-closed.js";
import { type SqliteRow, toBytes, toNumber } from "./sqlite-like.js";

/** A delivery that this process handles. */
export interface TakenRow extends TakenDelivery {
  readonly id: number;
}

/** No other process adds deliveries, but it may replay dead letters. */
const POLL_MS = 1000;

const CRASHED = "The process ended while the delivery was being handled, in the last of its attempts.";

/** The table of an inbox. */
export class InboxTable implements PolledTable<TakenRow, object> {
  readonly pollMs = POLL_MS;
  readonly statements: InboxStatements;
  readonly #connection: SqliteConnection;
  readonly #settings: TableSettings & InboxSettings;
  readonly #owner: InboxOwner;
  /** Aborts when verdicts that could not be written are given up. */
  #closing = createClosing();

  /** Creates the table unless it exists. @throws {Error} */
  constructor(connection: SqliteConnection, settings: TableSettings & InboxSettings) {
    this.#connection = connection;
    this.#settings = settings;
    createInboxTable(connection, settings.name);
    this.#owner = new InboxOwner(connection, settings.name);
    this.statements = prepareInboxStatements(connection, settings.name);
  }

  /**
   * Makes what was active when the process ended wait again. A delivery that has had its last attempt is a dead letter:
   * it may be the reason why the process ended.
   */
  recover(): void {
    const { bury, free, unblockAll } = this.statements;
    this.#connection.writeNow(() => {
      this.#owner.claim();
      bury.run(CRASHED, this.#settings.maxAttempts);
      free.run();
      unblockAll.run();
    });
  }

  async accept(delivery: StoredDelivery): Promise<"accepted" | "duplicate"> {
    const { endpoint, deliveryId, type, sentAt, rawBody, orderingKey = null } = delivery;
    const now = this.#settings.now();
    const facts = [endpoint, deliveryId, type, sentAt.getTime(), orderingKey, rawBody, now, now] as const;
    const { changes } = await this.#connection.write(() => this.statements.accept.run(...facts, orderingKey));
    return toNumber(changes) === 1 ? "accepted" : "duplicate";
  }

  async take(limit: number, types: TypeFilter): Promise<TakenRow[]> {
    const { take } = this.statements;
    const rows = await this.#connection.write(() => {
      this.#owner.assertOwned();
      const taken = take.all(this.#settings.now(), ...toParameters(types), limit) as SqliteRow[];
      // In the transaction: a row that cannot be read is not taken.
      return taken.map((row) => ({ dueAt: toNumber(row["due_at"]), taken: toTakenRow(row) }));
    });
    // The order of RETURNING is arbitrary.
    return rows.toSorted((a, b) => a.dueAt - b.dueAt || a.taken.id - b.taken.id).map(({ taken }) => taken);
  }

  async nextDueInMs(types: TypeFilter): Promise<number | undefined> {
    const [row] = this.#connection.read(this.statements.nextDue, ...toParameters(types));
    return row && toNumber(row["due_at"]) - this.#settings.now();
  }

  async handle({ id, attempt }: TakenRow, run: BoundRun<object>): Promise<void> {
    const verdict = await run();
    const { state, error } = verdict;
    const { now, backoffMs } = this.#settings;
    const { handled, failed, unblockNext } = this.statements;
    const settle = () => {
      const { changes } =
        state === "handled"
          ? handled.run(now(), id, attempt)
          : failed.run(
              state === "dead" ? state : "waiting",
              now() + (state === "dead" ? 0 : backoffMs(attempt)),
              describeError(error),
              id,
              attempt,
            );
      const isOurs = toNumber(changes) === 1;
      if (isOurs && state !== "failed") unblockNext.run(id);
      return isOurs;
    };
    try {
      const isOurs = await retryUntilClosed(() => this.#connection.write(settle), {
        closing: this.#closing.signal,
        onError: (failure) => this.onWarning("The result of a delivery could not be written yet", failure),
      });
      verdict.report(
        isOurs ? undefined : new Error("The delivery was left to the next worker: it is handled again."),
      );
    } catch (failure) {
      verdict.report(failure);
      throw failure;
    }
  }

  async sweep(rows: number): Promise<number> {
    const { now, retentionSeconds } = this.#settings;
    const { changes } = await this.#connection.write(() =>
      this.statements.sweep.run(now() - retentionSeconds * 1000, rows),
    );
    return toNumber(changes);
  }

  onWarning(message: string, error: unknown): void {
    this.#settings.onWarning(`${message}: ${readMessage(error)}`);
  }

  /** Gives up verdicts that cannot be written: their deliveries are handled again. */
  close(): void {
    this.#closing.abort();
    this.#closing = createClosing();
  }
}

/** As many verdicts may wait for it as there are handlers. */
function createClosing(): AbortController {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return closing;
}

function toParameters({ names, isExclusive }: TypeFilter): [string, number] {
  return [JSON.stringify(names), isExclusive ? 1 : 0];
}

function toTakenRow(row: SqliteRow): TakenRow {
  return {
    id: toNumber(row["id"]),
    attempt: toNumber(row["attempts"]),
    delivery: {
      endpoint: String(row["endpoint"]),
      deliveryId: String(row["delivery_id"]),
      type: String(row["type"]),
      sentAt: new Date(toNumber(row["sent_at"])),
      rawBody: toBytes(row["body"]),
    },
  };
}

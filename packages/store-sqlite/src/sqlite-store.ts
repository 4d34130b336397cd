import type { Claim, IdempotencyStore } from "@ahasend-webhooks/core";

import { assertDatabase } from "./assert-database.js";
import { SqliteConnection } from "./connection.js";
import { type SqliteStoreOptions, resolveStoreOptions } from "./options.js";
import { type SqliteLike, type SqliteRow, toNumber } from "./sqlite-like.js";
import { createStoreTable, prepareStoreStatements } from "./store-statements.js";
import { Sweeper } from "./sweeper.js";

/** Remembers deliveries in a SQLite database. */
export interface SqliteStore extends IdempotencyStore {
  /** Deletes expired rows in small batches. @returns their number */
  sweep(): Promise<number>;
  /** Stops the clean-up. Does not close the connection. */
  close(): void;
}

/**
 * Creates a store that remembers deliveries in a SQLite database: duplicates are recognized after a restart as well. The
 * handler runs before the reply, as with every store that is not an inbox. Give it a connection of its own, or that of an
 * inbox.
 *
 * @throws {TypeError} if an option is not valid, or `db` is not a connection
 * @throws {Error} if the database cannot be written to
 *
 * @example
 * const store = sqliteStore(new DatabaseSync("ahasend.db"));
 * createReceiver({ secret, store, on: { "message.bounced": (event) => suppress(event.data.recipient) } });
 */
export function sqliteStore(db: SqliteLike, options: SqliteStoreOptions = {}): SqliteStore {
  assertDatabase("sqliteStore", db);
  const { name, now, onWarning, retentionSeconds, sweepIntervalMs } = resolveStoreOptions(options);
  const connection = SqliteConnection.of(db);
  createStoreTable(connection, name);
  const statements = prepareStoreStatements(connection, name);
  const sweeper = new Sweeper({
    deleteBatch: (rows) => connection.write(() => toNumber(statements.sweep.run(now(), now(), rows).changes)),
    intervalMs: sweepIntervalMs,
    onWarning,
  });

  /** Runs in a transaction: nobody changes the row in between. */
  const claim = (key: string, token: string, leaseMs: number): Claim => {
    const time = now();
    const found = statements.find.all(key)[0] as SqliteRow | undefined;
    const leasedUntil = toNumber(found?.["leased_until"] ?? 0);
    const keptUntil = toNumber(found?.["keep_until"] ?? 0);
    const isKnown = keptUntil > time || leasedUntil > time;
    const isOwner = isKnown && found?.["token"] === token;
    if (isKnown && toNumber(found?.["done"]) === 1) return { state: "done" };
    if (leasedUntil > time && !isOwner) return { state: "busy", retryAfterMs: leasedUntil - time };
    const attempts = isKnown ? toNumber(found?.["attempt"]) : 0;
    const attempt = isOwner ? attempts : attempts + 1;
    const keepUntil = isKnown ? keptUntil : time + retentionSeconds * 1000;
    statements.claim.run(key, token, attempt, time + Math.round(leaseMs), Math.round(keepUntil));
    return { state: "claimed", attempt };
  };

  return {
    retentionSeconds,
    claim: (key, token, leaseMs) => connection.write(() => claim(key, token, leaseMs)),
    async renew(key, token, leaseMs) {
      await connection.write(() => {
        const time = now();
        statements.renew.run(time + Math.round(leaseMs), key, token, time, time);
      });
    },
    async commit(key, _token, retainMs) {
      await connection.write(() => statements.commit.run(key, now() + Math.round(retainMs)));
    },
    async release(key, token) {
      await connection.write(() => statements.release.run(key, token));
    },
    sweep: () => sweeper.sweep(),
    close: () => sweeper.close(),
  };
}

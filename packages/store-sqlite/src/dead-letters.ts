import type { DeadLetter, DeadLetters } from "@ahasend-webhooks/core";
import { toDeadLetterLimit } from "@ahasend-webhooks/core/inbox";

import type { SqliteConnection } from "./connection.js";
import type { InboxStatements } from "./inbox-statements.js";
import { type SqliteRow, toBytes, toNumber } from "./sqlite-like.js";

/**
 * Creates the access to the dead letters of an inbox.
 *
 * @param onReplay called when deliveries are waiting again
 */
export function createDeadLetters(
  connection: SqliteConnection,
  statements: InboxStatements,
  { now, onReplay }: { now: () => number; onReplay: () => void },
): DeadLetters {
  return {
    async list(options) {
      const limit = toDeadLetterLimit(options);
      return connection.read(statements.list, limit).map(toDeadLetter);
    },
    async inspect(id) {
      const [selected] = toSelection([id]) ?? [];
      if (selected === undefined) return undefined;
      const [row] = connection.read(statements.inspect, selected);
      return row && { ...toDeadLetter(row), rawBody: toBytes(row["body"]) };
    },
    async replay(ids) {
      const selection = toJson(toSelection(ids));
      const changes = await connection.write(() => {
        const replayed = statements.replay.run(now(), selection, selection);
        statements.unblockAll.run();
        return toNumber(replayed.changes);
      });
      if (changes > 0) onReplay();
      return changes;
    },
    async discard(ids) {
      const selection = toJson(toSelection(ids));
      return connection.write(() => toNumber(statements.discard.run(now(), selection, selection).changes));
    },
  };
}

/** Returns the ids in the table, without those that cannot be in it; `undefined` for all. @throws {TypeError} */
function toSelection(ids: unknown): number[] | undefined {
  if (ids === "all") return undefined;
  const list: unknown[] = Array.isArray(ids) ? ids : [ids];
  return list.flatMap((id) => {
    if (typeof id !== "string") throw new TypeError('Pass the id of a dead letter, several ids, or "all".');
    return /^[1-9]\d{0,14}$/.test(id) ? [Number(id)] : [];
  });
}

function toJson(selection: number[] | undefined): string | null {
  return selection === undefined ? null : JSON.stringify(selection);
}

function toDeadLetter(row: SqliteRow): DeadLetter {
  return {
    id: String(row["id"]),
    endpoint: String(row["endpoint"]),
    deliveryId: String(row["delivery_id"]),
    type: String(row["type"]),
    attempts: toNumber(row["attempts"]),
    error: String(row["error"]),
    receivedAt: new Date(toNumber(row["received_at"])),
  };
}

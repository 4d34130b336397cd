import type { InboxStats } from "@ahasend-webhooks/core";

import type { SqliteConnection } from "./connection.js";
import type { InboxStatements } from "./inbox-statements.js";
import { toNumber } from "./sqlite-like.js";

/**
 * Counts the deliveries of an inbox.
 *
 * @param now returns milliseconds since 1970
 */
export function readStats(
  connection: SqliteConnection,
  statements: InboxStatements,
  now: () => number,
): InboxStats {
  const [row = {}] = connection.read(statements.stats);
  const [{ dead } = {}] = connection.read(statements.countDead);
  const active = toNumber(row["active"]);
  const oldest = row["oldest"];
  return {
    waiting: toNumber(row["pending"]) - active,
    active,
    deadLetters: toNumber(dead),
    oldestSeconds: oldest === null ? undefined : Math.max(0, (now() - toNumber(oldest)) / 1000),
  };
}
